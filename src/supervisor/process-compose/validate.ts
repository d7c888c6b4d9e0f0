/** Asks the real process-compose whether it would accept the files: a dry run, which starts and writes nothing. */
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { run } from '../../io/run.ts';
import { findProblems } from './definition/find-problems.ts';
import { fatalMessage } from './fatal-message.ts';

export interface ValidateOptions {
  /** Where the server would run: `.env` and relative directories count from here. */
  readonly cwd: string;
  /** The environment of the stack; PC_* variables are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * `files`: absolute, the primary one first. About 40–100 ms. A dry run is strict: unknown keys are refused even where
 * a plain run would only warn. Fails with `stack-config-bad` (every problem that can be seen, with its place),
 * `command-failed`, `command-timeout` or `interrupted`.
 */
export async function validateFiles(
  binary: string,
  files: readonly string[],
  options: ValidateOptions,
): Promise<Result<void>> {
  // Without -f it would search the directory, and might take Docker's file.
  if (files.length === 0)
    return bad([{ file: options.cwd, message: 'there is no process-compose file here' }]);
  const argv = [binary, 'up', ...files.flatMap((file) => ['-f', file]), ...dryRun] as const;
  const ran = await run(argv, {
    cwd: options.cwd,
    env: withoutOwnVariables(options.env),
    timeoutMs: options.timeoutMs,
    accept: 'any',
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!ran.ok) return ran;
  const { exitCode, stderr } = ran.value;
  if (exitCode === 0) return ok(undefined);
  const message = fatalMessage(stderr);
  if (message !== null) return bad(await findProblems(files, message));
  // Before 1.64 there was no dry run: our own checks have to suffice.
  if (!stderr.includes('unknown flag: --dry-run'))
    return fail({ reason: 'command-failed', argv, exitCode, stderr });
  const problems = await findProblems(files);
  return problems.length > 0 ? bad(problems) : ok(undefined);
}

/** Its log would go to a file in TMPDIR that all projects share and truncate. */
const dryRun = ['--dry-run', '--no-server', '-t=false', '-L', '/dev/null'] as const;

/** In a devenv shell of another project PC_* would point at that project's files and socket. */
const withoutOwnVariables = (env: ValidateOptions['env']): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value !== undefined && !name.startsWith('PC_')),
  );

const bad = (problems: Awaited<ReturnType<typeof findProblems>>) =>
  fail({ reason: 'stack-config-bad', problems, untouched: true });
