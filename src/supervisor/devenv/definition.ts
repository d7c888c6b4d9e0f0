/** What devenv evaluated last, read from what it generated: no program is run, so it may be older than what is on disk. */
import { join } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { readDefinition } from '../process-compose/definition/read-definition.ts';
import { addScripts } from '../launcher-script.ts';
import type { Definition } from '../port.ts';
import { fingerprintOf } from '../devenv-evaluation/fingerprint.ts';
import { namedInputs, sharedInputs } from '../devenv-evaluation/inputs.ts';
import { dotfileOf, readText } from '../devenv-evaluation/places.ts';
import { shellEnvironment } from '../devenv-evaluation/shell-environment.ts';
import { readTasks, taskFileIn, withOwnText } from '../devenv-evaluation/tasks.ts';

export interface Generated {
  readonly root: string;
  /** Store paths: the environment, the script that starts the processes, the YAML that it names. */
  readonly shell: string;
  readonly script: string;
  readonly configFile: string;
  /** As it was evaluated; null: not known. */
  readonly taskFile: string | null;
  readonly outdated: boolean;
}

/** Fails with `stack-config-bad` where the YAML cannot be read. */
export async function definitionOf(
  generated: Generated,
  how: { env: Environment; cacheFile: string },
): Promise<Result<Definition>> {
  const { root, configFile, shell, script } = generated;
  const variables = shellEnvironment(readText(shell) ?? '');
  // The server fills `$NAME` in from the environment that devenv gives it.
  const env = { ...how.env, ...variables };
  const read = await readDefinition([configFile], { root, cacheFile: how.cacheFile, env });
  if (!read.ok) return read;
  const taskFile =
    taskFileIn(read.value.services.map(({ command }) => command)) ??
    variables['DEVENV_TASK_FILE'] ??
    generated.taskFile;
  // 1.8 has them in the environment alone.
  const tasks = readTasks((taskFile === null ? null : readText(taskFile)) ?? variables['DEVENV_TASKS'] ?? '');
  const services = read.value.services.map((service) => withOwnText(service, tasks, root));
  const inputs = namedInputs(root);
  return ok({
    ...read.value,
    services: addScripts(services, root),
    inputs,
    fingerprint: fingerprintOf(root, shell, script),
    outdated: generated.outdated,
    sharedInputs: sharedInputs(root, inputs),
    programs: [join(variables['DEVENV_PROFILE'] ?? join(dotfileOf(root), 'profile'), 'bin')],
    carried: {
      PC_CONFIG_FILES: configFile,
      ...(variables['DEVENV_TASK_FILE'] === undefined || taskFile === null
        ? {}
        : { DEVENV_TASK_FILE: taskFile }),
    },
  });
}
