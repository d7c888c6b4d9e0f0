/** Waits until a set of processes is empty, with cheap looks at known ones, and rare expensive looks for new ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';
import type { ProcessId } from '../core/process.ts';
import { isAlive } from './table.ts';

/**
 * Resolves when `find()` is empty, or with what is left after `timeoutMs` or when `signal` aborts. Never rejects.
 * Known pids are checked every 2–5 ms, in a long wait every 50 ms; `find`, a scan of the whole table, is called when those are
 * gone, and occasionally before, for new children.
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
    // At most a tenth of the time goes into scans. A member can also stop being one (detached, when its parent ended).
    const due = performance.now() - searched > Math.max(50, 10 * searchMs);
    if (!due && known.some((member) => isAlive(member.row))) continue;
    const before = performance.now();
    known = find();
    searched = performance.now();
    searchMs = searched - before;
  }
  return known.length > 0 ? find() : known;
}

/** The pause is one percent of the time waited so far, up to this. */
const longestPauseMs = 50;

/** Counted, not timed: where the machine stands still, so does the server. */
const lastLooks = 50;

/** A server that closes a connection is usually about to end: true when it ends within 50 looks, 100 ms or a little more. */
export async function endsSoon(id: ProcessId): Promise<boolean> {
  for (let look = 0; look < lastLooks && isAlive(id); look += 1) await sleep(2);
  return !isAlive(id);
}
