/** Reports a change that restarts nothing once per path, with the reason. */
import type { Report } from '../../core/event.ts';

const remembered = 1_000;

/** A directory that was reported covers everything in it. */
export function leftOutOnce(report: Report): (path: string, because: string) => void {
  const named = new Set<string>();
  const isNamed = (path: string): boolean => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (named.has(path.slice(0, end))) return true;
    }
    return false;
  };
  return (path, because) => {
    if (named.size >= remembered || isNamed(path)) return;
    named.add(path);
    report({ event: 'left-out', path, because });
  };
}
