/** Waits until a set of processes is empty: cheap looks at the known ones, dear looks for new ones seldom. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';
import type { ProcessId } from '../core/process.ts';
import { isAlive } from './table.ts';

/**
 * Resolves when `find()` is empty, or with what is left after `timeoutMs` or when `signal` aborts. Never rejects.
 * Known pids are looked at every 2–5 ms, in a long wait every 50 ms; `find`, a scan of the whole table, is called when those
 * are gone and now and then meanwhile, for new children.
 */
export async function waitGone(
  find: () => readonly Member[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly Member[]> {
  const began = performance.now();
  let known = find();
  let searched = performance.now();
  let searchMs = searched - began;
  for (;;) {
    const elapsedMs = performance.now() - began;
    const leftMs = timeoutMs - elapsedMs;
    if (known.length === 0 || signal?.aborted || leftMs <= 0) break;
    const pauseMs = Math.min(Math.max(2, elapsedMs / 100), longestPauseMs, leftMs);
    await sleep(Math.max(1, pauseMs), undefined, signal ? { signal } : {}).catch(() => undefined);
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

/** One percent of the time waited so far is lost at most; nobody feels the rest. */
const longestPauseMs = 50;

const lastMomentsMs = 100;

/** Somebody who hangs up is mostly on its way out: true when it has ended, at once or within 100 ms. */
export async function endsSoon(id: ProcessId): Promise<boolean> {
  const deadline = performance.now() + lastMomentsMs;
  while (isAlive(id) && performance.now() < deadline) await sleep(2);
  return !isAlive(id);
}
