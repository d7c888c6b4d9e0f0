/** Which process manager a project is evaluated for, by its environment: `devenv version` says nothing of it (pure). */
import type { Environment } from '../../core/environment.ts';

/**
 * Modules that name a task file name the files of process-compose too, where it is the manager; older ones have no other that
 * runs without one of its own. `other`: devenv 2's native one, overmind, hivemind …
 */
export const managerOf = (variables: Environment): 'process-compose' | 'other' =>
  variables['DEVENV_TASK_FILE'] !== undefined && variables['PC_CONFIG_FILES'] === undefined
    ? 'other'
    : 'process-compose';
