/** Runs one command of devenv that evaluates: bounded, quiet, and with a failure that helps. */
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { run } from '../../io/run.ts';
import { profilesIn, profileWords } from './profiles.ts';
import { evaluationFailure } from './evaluation-failure.ts';

export interface Devenv {
  /** Absolute. */
  readonly program: string;
  readonly root: string;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Its cache would hide an edit: see isHiddenFromCache. */
  readonly refresh: boolean;
}

const refreshFlag = '--refresh-eval-cache';

/** Its stdout, which is never blank. What it left in its group ends with it. */
export async function callDevenv(devenv: Devenv, args: readonly string[]): Promise<Result<string>> {
  const profiles = profileWords(profilesIn(devenv.env, devenv.root));
  const command = ['devenv', ...profiles, ...args].join(' ');
  const argv = [devenv.program, ...profiles, ...(devenv.refresh ? [refreshFlag] : []), ...args] as const;
  const ran = await run(argv, {
    cwd: devenv.root,
    env: { ...devenv.env, ...quiet },
    timeoutMs: devenv.timeoutMs,
    ...(devenv.signal ? { signal: devenv.signal } : {}),
  });
  if (ran.ok && ran.value.stdout.trim() !== '') return ok(ran.value.stdout);
  if (ran.ok) return fail(evaluationFailure(devenv.root, { command, exitCode: 0, stderr: '' }));
  const { failure } = ran;
  if (failure.reason === 'command-timeout') {
    const seconds = Math.round(failure.timeoutMs / 1000);
    const advice =
      'Run it by hand to see what it does, or give it more with `devenv: { timeout: 15m }` in upkeep.yaml.';
    return fail({ reason: 'evaluation-broke', command, message: `not done after ${seconds} s`, advice });
  }
  if (failure.reason !== 'command-failed') return ran;
  // Before 1.3 there is neither the cache nor the flag.
  const knowsNot = failure.exitCode === 2 && failure.stderr.includes(refreshFlag);
  if (devenv.refresh && knowsNot) return callDevenv({ ...devenv, refresh: false }, args);
  const { exitCode, stderr } = failure;
  return fail(evaluationFailure(devenv.root, { command, exitCode, stderr }));
}

/** An agent's words and a progress view are for people; both are off without a terminal in most releases only. */
const quiet = { DEVENV_TUI: 'false', DEVENV_NO_AI_AGENT: '1' };
