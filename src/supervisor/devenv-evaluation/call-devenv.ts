/** Runs one command of devenv that evaluates: bounded, quiet, and with a failure that helps. */
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Output } from '../../io/run.ts';
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
    accept: 'any',
  });
  if (ran.ok && ran.value.exitCode === 0 && ran.value.stdout.trim() !== '') return ok(ran.value.stdout);
  if (ran.ok) return whyNot({ exitCode: ran.value.exitCode, stderr: said(ran.value) });
  const { failure } = ran;
  if (failure.reason === 'command-failed') return whyNot(failure);
  if (failure.reason !== 'command-timeout') return ran;
  const seconds = Math.round(failure.timeoutMs / 1000);
  const advice =
    'Run it by hand to see what it does, or give it more with `devenv: { timeout: 15m }` in upkeep.yaml.';
  return fail({ reason: 'evaluation-broke', command, message: `not done after ${seconds} s`, advice });

  async function whyNot(ended: { exitCode: number | null; stderr: string }): Promise<Result<string>> {
    // Before 1.3 there is neither the cache nor the flag.
    const knowsNot = ended.exitCode === 2 && ended.stderr.includes(refreshFlag);
    if (devenv.refresh && knowsNot) return callDevenv({ ...devenv, refresh: false }, args);
    return fail(evaluationFailure(devenv.root, { command, exitCode: ended.exitCode, stderr: ended.stderr }));
  }
}

/** The devenv that a flake brings along prints its usage as a result; what is said beside a success is no complaint. */
function said({ exitCode, stdout, stderr }: Output): string {
  if (exitCode === 0) return '';
  return stderr.trim() === '' ? stdout : stderr;
}

/** An agent's words and a progress view are for people; both are off without a terminal in most releases only. */
const quiet = { DEVENV_TUI: 'false', DEVENV_NO_AI_AGENT: '1' };
