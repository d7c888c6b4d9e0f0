/** Whether a starting service lives and logs: a cold compile is no hang, and a crash loop is no life. */
import type { ServiceState } from '../core/service.ts';
import type { Control } from './port.ts';

interface LifeSign {
  /** Changes when the process does: each turn of a crash loop logs something new, and gets nowhere. */
  readonly run: string;
  /** The last lines, not their number: process-compose keeps a ring and tells no total. */
  readonly text: string;
}

/** By service, of those that are waited for. */
export type LifeSigns = ReadonlyMap<string, LifeSign>;

export async function readLifeSigns(control: Control, waiting: readonly ServiceState[]): Promise<LifeSigns> {
  const signs = await Promise.all(
    waiting.map(async (state): Promise<[string, LifeSign]> => {
      const log = state.isRunning ? await control.logs(state.name, 50) : null;
      const text = [state.status, ...(log?.ok ? log.value : [])].join('\n');
      return [state.name, { run: `${state.restarts}:${state.pid}`, text }];
    }),
  );
  return new Map(signs);
}

/** One said something new, began its first run, or is no longer waited for. */
export function showLife(before: LifeSigns, now: LifeSigns): boolean {
  if ([...before.keys()].some((name) => !now.has(name))) return true;
  return [...now].some(([name, sign]) => {
    const earlier = before.get(name);
    if (!earlier || isFirstRun(earlier, sign)) return true;
    return earlier.run === sign.run && earlier.text !== sign.text;
  });
}

const isFirstRun = (before: LifeSign, now: LifeSign): boolean =>
  before.run.startsWith('0:') && now.run.startsWith('0:') && before.run !== now.run;
