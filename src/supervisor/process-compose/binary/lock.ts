/** Lets one builder at a time run on this machine: a lock on a file, freed by the kernel however its holder ends. */
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Result } from '../../../core/result.ts';
import { fail, ok } from '../../../core/result.ts';
import { flock } from '../../../io/flock.ts';
import { openLockFile } from '../../../io/lock-file.ts';

const askAgainMs = 500;

export interface BuildLock extends Disposable {
  /** false: nothing on this machine can lock, and another builder may be at work too. */
  readonly held: boolean;
}

/**
 * Waits as long as it takes; `onWait` is called once if somebody else holds it. Never stale, unlike a file with a pid in
 * it, and it works between containers that share a cache. Fails with `state-unwritable` or `interrupted`.
 */
export async function holdLock(
  path: string,
  onWait: () => void,
  signal?: AbortSignal,
): Promise<Result<BuildLock>> {
  const opened = openLockFile(path);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const lock = (held: boolean): Result<BuildLock> => ok({ held, [Symbol.dispose]: () => closeSync(fd) });
  let isWaiting = false;
  for (;;) {
    const got = await flock(fd);
    if (!got.ok) return lock(false);
    if (got.value) return lock(true);
    if (!isWaiting) onWait();
    isWaiting = true;
    const goOn = await delay(askAgainMs, true, signal ? { signal } : {}).catch(() => false);
    if (!goOn) break;
  }
  closeSync(fd);
  return fail({ reason: 'interrupted' });
}
