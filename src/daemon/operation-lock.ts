/** One verb at a time per project: flock on a descriptor of ours, so the lock ends with the process, however it ends. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

const stepMs = 40;
const tellAfterMs = 1_000;

/** Held until disposed. `lock-timeout` names the holder; the file is never unlinked, or two could hold it. */
export async function acquireOperationLock(request: LockRequest): Promise<Result<Disposable>> {
  const path = join(request.stateDir, 'lock');
  const opened = open(path);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const startedAt = Date.now();
  for (let told = false; ; await sleep(stepMs)) {
    const taken = await flock(fd);
    if (!taken.ok) {
      closeSync(fd);
      return taken;
    }
    if (taken.value) {
      ftruncateSync(fd);
      writeSync(fd, `${request.verb} (pid ${process.pid})`, 0);
      return ok({ [Symbol.dispose]: () => closeSync(fd) });
    }
    const waitedMs = Date.now() - startedAt;
    const holder = readFileSync(path, 'utf8').trim() || 'another upkeep';
    if (!told && waitedMs >= tellAfterMs) {
      told = true;
      request.onWait(holder);
    }
    if (request.signal?.aborted || waitedMs >= request.waitMs) {
      closeSync(fd);
      return fail(request.signal?.aborted ? { reason: 'interrupted' } : { reason: 'lock-timeout', holder, timeoutMs: request.waitMs });
    }
  }
}

function open(path: string): Result<number> {
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    return ok(openSync(path, 'a+', 0o600));
  } catch (error) {
    return fail({ reason: 'state-unwritable', path, code: (error as NodeJS.ErrnoException).code ?? String(error) });
  }
}
