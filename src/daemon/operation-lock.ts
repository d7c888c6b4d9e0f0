/** Lets one verb at a time change a project: flock on a descriptor of ours, so the lock ends with the process, however it ends. */
import { closeSync, ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { flock } from '../io/flock.ts';
import { openLockFile } from '../io/lock-file.ts';

export interface LockRequest {
  readonly stateDir: string;
  /** Named to whoever waits: `restart (pid 4711)`. */
  readonly verb: string;
  readonly waitMs: number;
  /** Called once, after a second of waiting, with who holds it. */
  readonly onWait: (holder: string) => void;
  readonly signal?: AbortSignal;
}

const noteAfterMs = 1_000;

/** Held until disposed. Fails with `lock-timeout`, which names the holder, `interrupted`, `state-unwritable` or `binary-missing`. */
export async function acquireOperationLock(request: LockRequest): Promise<Result<Disposable>> {
  const path = join(request.stateDir, 'lock');
  const opened = openLockFile(path);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const refuse = (failure: Failure): Result<never> => {
    closeSync(fd);
    return fail(failure);
  };
  const startedAt = Date.now();
  for (let round = 0; ; round += 1) {
    const leftMs = startedAt + request.waitMs - Date.now();
    // One try, then one second, then the rest: after a second the holder is named.
    const waitMs = [0, noteAfterMs][round] ?? leftMs;
    const signal = request.signal ? { signal: request.signal } : {};
    const taken = await flock(fd, { waitMs: Math.max(0, Math.min(waitMs, leftMs)), ...signal });
    if (!taken.ok) return refuse(taken.failure);
    if (request.signal?.aborted) return refuse({ reason: 'interrupted', left: 'untouched' });
    if (taken.value) {
      nameHolder(fd, `${request.verb} (pid ${process.pid})`);
      return ok({ [Symbol.dispose]: () => closeSync(fd) });
    }
    const holder = readFileSync(path, 'utf8').trim() || 'another upkeep';
    const waitedMs = Date.now() - startedAt;
    if (waitedMs >= request.waitMs)
      return refuse({ reason: 'lock-timeout', holder, timeoutMs: request.waitMs });
    if (round === 1 && waitedMs >= noteAfterMs) request.onWait(holder);
  }
}

/** Over the old name first: a full disk has room for that. It is for whoever waits, so nothing depends on it. */
function nameHolder(fd: number, name: string): void {
  try {
    ftruncateSync(fd, writeSync(fd, name, 0));
  } catch {
    ftruncateSync(fd);
  }
}
