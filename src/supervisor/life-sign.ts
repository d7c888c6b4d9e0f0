/** Decides whether a starting service is making progress: a cold compile that logs is, a crash loop is not. */
import type { ServiceState } from '../core/service.ts';
import type { Control } from './port.ts';

interface LifeSign {
  /** Changes with the process: each turn of a crash loop logs something new and gets nowhere. */
  readonly run: string;
  /** The last lines, not their number: process-compose keeps a ring buffer and gives no total. */
  readonly text: string;
}

/** By service, for those that are waited for. */
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

/** A service logged something new, began its first run, or is no longer waited for. */
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
