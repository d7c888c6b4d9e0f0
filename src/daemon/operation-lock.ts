/** One verb at a time per project: flock on a descriptor of ours, so the lock ends with the process, however it ends. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { flock } from '../io/flock.ts';

export interface LockRequest {
  readonly stateDir: string;
  /** Named to whoever waits: `restart (pid 4711)`. */
  readonly verb: string;
  readonly waitMs: number;
  /** Called once, after a second of waiting, with who holds it. */
  readonly onWait: (holder: string) => void;
  readonly signal?: AbortSignal;
}

const tellAfterMs = 1_000;

/** Held until disposed. `lock-timeout` names the holder; the file is never unlinked, or two could hold it. */
export async function acquireOperationLock(request: LockRequest): Promise<Result<Disposable>> {
  const path = join(request.stateDir, 'lock');
  const opened = open(path);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const refuse = (failure: Failure): Result<never> => {
    closeSync(fd);
    return fail(failure);
  };
  const startedAt = Date.now();
  for (let round = 0; ; round += 1) {
    const leftMs = startedAt + request.waitMs - Date.now();
    // One try, then a second, then the rest: after the second there is something to tell.
    const waitMs = [0, tellAfterMs][round] ?? leftMs;
    const signal = request.signal ? { signal: request.signal } : {};
    const taken = await flock(fd, { waitMs: Math.max(0, Math.min(waitMs, leftMs)), ...signal });
    if (!taken.ok) return refuse(taken.failure);
    if (request.signal?.aborted) return refuse({ reason: 'interrupted' });
    if (taken.value) {
      ftruncateSync(fd);
      writeSync(fd, `${request.verb} (pid ${process.pid})`, 0);
      return ok({ [Symbol.dispose]: () => closeSync(fd) });
    }
    const holder = readFileSync(path, 'utf8').trim() || 'another upkeep';
    const waitedMs = Date.now() - startedAt;
    if (round === 1 && waitedMs >= tellAfterMs) request.onWait(holder);
    if (waitedMs >= request.waitMs)
      return refuse({ reason: 'lock-timeout', holder, timeoutMs: request.waitMs });
  }
}

function open(path: string): Result<number> {
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    return ok(openSync(path, 'a+', 0o600));
  } catch (error) {
    return fail({
      reason: 'state-unwritable',
      path,
      code: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}
