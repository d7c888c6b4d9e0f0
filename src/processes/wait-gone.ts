/** Waits until a set of processes is empty: cheap looks at the known ones, dear looks for new ones seldom. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';
import { isAlive } from './table.ts';

/**
 * Resolves when `find()` is empty, or with what is left after `timeoutMs` or when `signal` aborts. Never rejects.
 * Known pids are looked at every 2–5 ms; `find`, a scan of the whole table, is called when those are gone.
 */
export const waitGone = (
  find: () => readonly Member[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly Member[]> => wait(find, { timeoutMs, signal, firstMs: 2, lastMs: 5 });

/** The same for a long wait, where new children are looked for (and, by `find`, asked to end) all along: 5–50 ms. */
export const settled = (
  find: () => readonly Member[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly Member[]> => wait(find, { timeoutMs, signal, firstMs: 5, lastMs: 50 });

interface Pace {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly firstMs: number;
  readonly lastMs: number;
}

async function wait(find: () => readonly Member[], pace: Pace): Promise<readonly Member[]> {
  const { timeoutMs, signal, lastMs } = pace;
  const began = performance.now();
  let known = find();
  let searched = performance.now();
  let searchMs = searched - began;
  let pauseMs = pace.firstMs;
  for (;;) {
    const leftMs = timeoutMs - (performance.now() - began);
    if (known.length === 0 || signal?.aborted || leftMs <= 0) break;
    await sleep(Math.max(1, Math.min(pauseMs, leftMs)), undefined, signal ? { signal } : {}).catch(
      () => undefined,
    );
    pauseMs = Math.min(pauseMs * 1.5, lastMs);
    // A tenth of the time at most goes into scans: a member can also stop being one (detached when its parent ended).
    const due = performance.now() - searched > Math.max(50, 10 * searchMs);
    if (!due && known.some((member) => isAlive(member.row))) continue;
    const before = performance.now();
    known = find();
    searched = performance.now();
    searchMs = searched - before;
  }
  return known.length > 0 ? find() : known;
}
