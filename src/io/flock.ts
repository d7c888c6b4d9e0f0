/** The door to flock(2): Node has none, the program of util-linux locks a descriptor that it inherits from us. */
import { spawn } from 'node:child_process';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

/**
 * Lock `fd`, waiting up to `waitMs` (default: one try). The wait is the kernel's, not a poll of ours. The lock sits on the
 * open file description: it stays with our descriptor after the program has gone and ends with us, SIGKILL included
 * (facts/processes.md §5). false: somebody else has it, or `signal` struck.
 */
export function flock(
  fd: number,
  options: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<Result<boolean>> {
  const { waitMs = 0, signal } = options;
  const wait = waitMs > 0 ? ['-w', (waitMs / 1000).toFixed(3)] : ['-n'];
  // Not execa: it answers several ms after the program's end, and each of them is one between a save and the restart.
  const child = spawn('flock', [...wait, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    timeout: waitMs + 5_000,
    ...(signal ? { signal } : {}),
  });
  return new Promise((resolve) => {
    const missing = (detail: string): void =>
      resolve(fail({ reason: 'binary-missing', program: 'flock', tried: ['PATH'], detail }));
    child.on('error', (error) => (signal?.aborted ? resolve(ok(false)) : missing(error.message)));
    child.on('exit', (code, struck) => {
      if (code === 0 && !signal?.aborted) resolve(ok(true));
      else if (code === 1 || signal?.aborted) resolve(ok(false));
      else missing(`flock ended with ${code ?? struck}`);
    });
  });
}
