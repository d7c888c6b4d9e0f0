/** One watcher a project: a lock that is held for its life. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { flock } from '../../io/flock.ts';
import { makeStateDirectory } from '../../io/state-home.ts';
import type { Stack } from '../stack/open-stack.ts';

/** null: another one has it. */
export async function takeWatcherLock(stack: Stack): Promise<Result<Disposable | null>> {
  const path = join(stack.project.stateDir, 'watch.lock');
  let fd: number;
  try {
    makeStateDirectory(stack.project.stateDir);
    fd = openSync(path, 'a', 0o600);
  } catch (error) {
    return fail({
      reason: 'state-unwritable',
      path,
      code: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
  const taken = await flock(fd);
  if (taken.ok && taken.value) return ok({ [Symbol.dispose]: () => closeSync(fd) });
  closeSync(fd);
  return taken.ok ? ok(null) : taken;
}
