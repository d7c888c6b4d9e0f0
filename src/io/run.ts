/** The door to other programs: argv in, output out, always bounded. */
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { isByTerminal } from './by-terminal.ts';

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** The whole environment of the child; nothing is added to it. */
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly input?: string | Uint8Array;
  /** Exit codes that are answers, not failures. Default: 0 alone. `any` takes every code. */
  readonly accept?: readonly number[] | 'any';
  /** `latin1`: one character per byte, for output that need not be utf8 (paths). Default: utf8. */
  readonly encoding?: 'utf8' | 'latin1';
}

/**
 * Runs `argv` to its end. At `timeoutMs`, or when `signal` aborts, the child and its descendants are ended. Fails with
 * `command-failed` (exitCode null: it could not be started), `command-timeout` or `interrupted`; never throws.
 */
export async function run(
  argv: readonly [string, ...string[]],
  options: RunOptions,
): Promise<Result<Output>> {
  const { execa } = await import('execa');
  const result = await execa(argv[0], argv.slice(1), {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    encoding: options.encoding ?? 'utf8',
    timeout: options.timeoutMs,
    // A grandchild that keeps the pipe would hold the result for ever otherwise.
    killDescendants: true,
    maxBuffer: 256 * 1024 * 1024,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  if (result.isCanceled || isByTerminal(result.signal)) return fail({ reason: 'interrupted' });
  if (result.timedOut) return fail({ reason: 'command-timeout', argv, timeoutMs: options.timeoutMs });
  const exitCode = result.exitCode ?? null;
  const accepted =
    options.accept === 'any' ? exitCode !== null : (options.accept ?? [0]).includes(exitCode ?? -1);
  if (exitCode === null || !accepted) {
    const stderr = result.stderr || (exitCode === null ? (result.originalMessage ?? '') : '');
    return fail({ reason: 'command-failed', argv, exitCode, stderr });
  }
  return ok({ exitCode, stdout: result.stdout, stderr: result.stderr });
}
