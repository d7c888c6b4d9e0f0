/** Which process manager a project is evaluated for, by its environment: `devenv version` says nothing of it. */
import type { Environment } from '../../core/environment.ts';
import type { Manager } from '../../core/manager.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Devenv } from './call-devenv.ts';
import { callDevenv } from './call-devenv.ts';

/**
 * Modules that name a task file name the files of process-compose too, where it is the manager; older ones have no other that
 * runs without one of its own. `other`: devenv 2's native one, overmind, hivemind …
 */
export const managerOf = (variables: Environment): 'process-compose' | 'other' =>
  variables['DEVENV_TASK_FILE'] !== undefined && variables['PC_CONFIG_FILES'] === undefined
    ? 'other'
    : 'process-compose';

/** Asks devenv where the environment leaves it open. `not-implemented`: one that upkeep does not know. */
export async function askManager(devenv: Devenv, variables: Environment): Promise<Result<Manager>> {
  if (managerOf(variables) === 'process-compose') return ok('process-compose');
  // For its native manager alone devenv leaves it empty; asking costs another evaluation.
  if (variables['DEVENV_TASKS'] === '') return ok('native');
  const asked = await callDevenv(devenv, ['eval', 'process.manager.implementation']);
  if (!asked.ok) return asked.failure.reason === 'interrupted' ? asked : anotherManager();
  return /"process\.manager\.implementation":\s*"native"/.test(asked.value) ? ok('native') : anotherManager();
}

/** Refused before anything is stopped: what is running goes on. */
export const anotherManager = () =>
  fail({
    reason: 'not-implemented',
    what: 'a process manager of devenv other than its native one and process-compose',
    instead: 'Set `process.manager.implementation = "process-compose";` in devenv.nix.',
  });
