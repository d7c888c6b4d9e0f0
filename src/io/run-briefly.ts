/** The second door to other programs, for short questions where every millisecond counts. */
import { execFile } from 'node:child_process';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { isByTerminal } from './by-terminal.ts';
import type { Output, RunOptions } from './run.ts';

/**
 * `run` without execa, because loading execa takes as long as all the rest of `upkeep status` (20 ms). For programs that leave
 * no children behind and need no input. The same results and failures; never throws.
 */
export function runBriefly(
  argv: readonly [string, ...string[]],
  options: Omit<RunOptions, 'input' | 'accept'>,
): Promise<Result<Output>> {
  const [program, ...args] = argv;
  const { cwd, env, timeoutMs, signal, encoding = 'utf8' } = options;
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 * 1024 } as const;
  return new Promise((resolve) => {
    const settings = { cwd, env, encoding, ...limits, ...(signal ? { signal } : {}) };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (!error) resolve(ok({ exitCode: 0, stdout, stderr }));
      else if (signal?.aborted || isByTerminal(error.signal)) resolve(fail({ reason: 'interrupted' }));
      else if (error.killed) resolve(fail({ reason: 'command-timeout', argv, timeoutMs }));
      else {
        const exitCode = typeof error.code === 'number' ? error.code : null;
        const output = stderr || (exitCode === null ? error.message : '');
        resolve(fail({ reason: 'command-failed', argv, exitCode, stderr: output }));
      }
    });
    child.stdin?.on('error', () => undefined); // the program may end before the pipe is closed
    child.stdin?.end();
  });
}
