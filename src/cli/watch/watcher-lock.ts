/** Lets one watcher at a time run for a project: it holds a lock for as long as it lives. */
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { flock } from '../../io/flock.ts';
import { openLockFile } from '../../io/lock-file.ts';
import type { Stack } from '../stack/open-stack.ts';

/** null: another watcher holds it. Released when disposed, and when the process ends. */
export async function takeWatcherLock(stack: Stack): Promise<Result<Disposable | null>> {
  const opened = openLockFile(join(stack.project.stateDir, 'watch.lock'));
  if (!opened.ok) return opened;
  const fd = opened.value;
  const taken = await flock(fd);
  if (taken.ok && taken.value) return ok({ [Symbol.dispose]: () => closeSync(fd) });
  closeSync(fd);
  return taken.ok ? ok(null) : taken;
}
