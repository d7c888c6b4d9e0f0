/** A path that never restarts anything is named once, with the reason, and then no more. */
import type { Report } from '../../core/event.ts';

const remembered = 1_000;

export function leftOutOnce(report: Report): (path: string, because: string) => void {
  const named = new Set<string>();
  return (path, because) => {
    if (named.has(path) || named.size >= remembered) return;
    named.add(path);
    report({ event: 'left-out', path, because });
  };
}
