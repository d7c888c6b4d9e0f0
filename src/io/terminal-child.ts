/** The door to a child on our terminal: it gets stdin, stdout and stderr, and we wait for its end. */
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

/**
 * Runs `argv` on this terminal. Meanwhile Ctrl-C is its business: a TUI has the terminal in raw mode, and a child in the
 * foreground group gets SIGINT itself. `signal` ends it with TERM. `command-failed`: it could not be started.
 */
export async function runOnTerminal(
  argv: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Result<{ exitCode: number }>> {
  const { execa } = await import('execa');
  const result = await execa(argv[0], argv.slice(1), {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    stdio: 'inherit',
    reject: false,
    cancelSignal: options.signal,
  });
  if (result.exitCode === undefined && !result.isCanceled && !result.signal) {
    return fail({ reason: 'command-failed', argv, exitCode: null, stderr: result.originalMessage ?? '' });
  }
  return ok({ exitCode: result.exitCode ?? 0 });
}
