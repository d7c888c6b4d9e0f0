/** The door to flock(2): Node has none, the program of util-linux locks a descriptor that it inherits from us. */
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

/**
 * Lock `fd`, waiting up to `waitMs` (default: one try). The wait is the kernel's, not a poll of ours. The lock sits on the
 * open file description: it stays with our descriptor after the program has gone and ends with us, SIGKILL included
 * (facts/processes.md §5). false: somebody else has it, or `signal` struck.
 */
export async function flock(
  fd: number,
  options: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<Result<boolean>> {
  const { execa } = await import('execa');
  const { waitMs = 0, signal } = options;
  const wait = waitMs > 0 ? ['-w', (waitMs / 1000).toFixed(3)] : ['-n'];
  const done = await execa('flock', [...wait, '3'], {
    reject: false,
    stdio: ['ignore', 'ignore', 'ignore', fd as 3],
    timeout: waitMs + 5_000,
    ...(signal ? { cancelSignal: signal } : {}),
  });
  if (done.isCanceled) return ok(false);
  if (done.exitCode === 0) return ok(true);
  if (done.exitCode === 1) return ok(false);
  return fail({
    reason: 'binary-missing',
    program: 'flock',
    tried: ['PATH'],
    detail: done.originalMessage ?? `flock ended with ${done.exitCode}`,
  });
}
