/** The door to flock(2): Node has none, the program of util-linux locks a descriptor that it inherits from us. */
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

/**
 * Try once to lock `fd`. The lock sits on the open file description: it stays with our descriptor after the program
 * has gone and ends with us, SIGKILL included (facts/processes.md §5). false: somebody else has it.
 */
export async function flock(fd: number): Promise<Result<boolean>> {
  const { execa } = await import('execa');
  const done = await execa('flock', ['-n', '3'], {
    reject: false,
    stdio: ['ignore', 'ignore', 'ignore', fd as 3],
    timeout: 5_000,
  });
  if (done.exitCode === 0) return ok(true);
  if (done.exitCode === 1) return ok(false);
  return fail({
    reason: 'binary-missing',
    program: 'flock',
    tried: ['PATH'],
    detail: done.originalMessage ?? `flock ended with ${done.exitCode}`,
  });
}
