/** Whether the manager of this devenv can be asked for anything: those of 2.0 answer `wait` and nothing else. */
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { callDevenv } from '../devenv-evaluation/call-devenv.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';

const timeoutMs = 30_000;

/** Asked before anything is stopped. A version that cannot be read is no reason to refuse. */
export async function checkRelease(ask: {
  readonly root: string;
  readonly env: Environment;
  readonly signal?: AbortSignal;
}): Promise<Result<void>> {
  const program = findDevenv(ask.env);
  if (!program.ok) return program;
  const said = await callDevenv({ program: program.value, timeoutMs, refresh: false, ...ask }, ['version']);
  if (!said.ok) return said.failure.reason === 'interrupted' ? said : ok(undefined);
  const release = /\b(\d+\.\d+)\.\d+/.exec(said.value)?.[1];
  if (release !== '2.0') return ok(undefined);
  return fail({
    reason: 'not-implemented',
    what: 'the native process manager of devenv 2.0, which cannot be asked for its processes',
    instead:
      'Update devenv to 2.1 or later, or set `process.manager.implementation = "process-compose";` in devenv.nix.',
  });
}
