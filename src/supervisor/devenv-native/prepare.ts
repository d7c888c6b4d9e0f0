/**
 * What is made of an evaluation before a stop: the graph that the manager would refuse only at its start is checked, the release
 * is one that can be asked, and everything that the start asks for is in devenv's cache, or kept.
 */
import { join } from 'node:path';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { undeclared } from '../devenv-evaluation/no-processes.ts';
import { evaluationEnvironment, leftovers } from '../devenv-evaluation/evaluation-environment.ts';
import type { Evaluated } from '../devenv-evaluation/evaluated.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';
import { keepLauncher } from '../devenv-evaluation/keep-launcher.ts';
import { dotfileFor, profilesIn } from '../devenv-evaluation/profiles.ts';
import type { PrepareNative } from '../devenv-evaluation/prepare-native.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { digestInputs } from '../input-digests.ts';
import type { Prepared } from '../port.ts';
import { checkRelease } from './check-release.ts';
import { nativeDefinition } from './definition.ts';
import type { NativeTask } from './native-tasks.ts';
import { readNativeTasks } from './native-tasks.ts';
import { checkGraph } from './refused-graph.ts';

/** Beside the port's fields: where the manager will listen, and what is taken out of its environment. */
export interface PreparedNative extends Prepared {
  readonly runtime: string;
  readonly leftovers: readonly string[];
  readonly profiles: readonly string[];
  readonly dotfile: string;
  /** Store path. */
  readonly taskFile: string;
  readonly evaluated: Evaluated;
  /** Declared ports: devenv gives out others where somebody holds one. */
  readonly wishes: readonly number[];
  /** `devenv up` itself: what a release that upkeep does not know understands. */
  readonly lastResort: readonly string[];
  /** Where the start lays out what it needs. */
  readonly startDirectory: string;
}

export function prepareNative(tools: {
  readonly project: Project;
  readonly moreInputs: readonly string[];
}): PrepareNative {
  const { root } = tools.project;
  return {
    async fresh(evaluation, request) {
      const { beganMs, endedMs, shell, script, inputs, variables } = evaluation;
      const tasks = tasksIn(script);
      if (!tasks.ok) return tasks;
      const sound = checkGraph(tasks.value, root);
      if (!sound.ok) return sound;
      const env = evaluationEnvironment(request.env);
      const fit = await checkRelease({ root, env, ...(request.signal ? { signal: request.signal } : {}) });
      if (!fit.ok) return fit;
      const launcher = keepLauncher(tools.project, evaluation);
      if (!launcher.ok) return launcher;
      const runtime = variables['DEVENV_RUNTIME'] ?? '';
      const evaluated = { schema: 1, manager: 'native', beganMs, endedMs, shell, script, inputs } as const;
      return ok({
        ...evaluated,
        taskFile: script,
        launcher: launcher.value,
        runtime,
        env: '',
      } satisfies Evaluated);
    },
    async assemble(evaluated, request): Promise<Result<PreparedNative>> {
      const program = findDevenv(request.env);
      if (!program.ok) return program;
      const tasks = tasksIn(evaluated.script);
      if (!tasks.ok) return tasks;
      const { shell, script: taskFile, launcher } = evaluated;
      const definition = nativeDefinition({ root, shell, taskFile, tasks: tasks.value, outdated: false });
      if (definition.services.length === 0) return fail(undeclared(root));
      const inputs = [...new Set([...definition.inputs, ...tools.moreInputs])];
      const seen = evaluated.inputs.map(({ path, digest }) => [path, digest] as const);
      const profiles = profilesIn(request.env, root);
      return ok({
        definition: { ...definition, inputs },
        binary: program.value,
        files: [taskFile],
        copies: [taskFile, launcher],
        lastResort: [taskFile],
        digests: new Map([...digestInputs(inputs), ...seen]),
        runtime: evaluated.runtime ?? '',
        leftovers: leftovers(request.env),
        profiles,
        dotfile: dotfileFor(root, profiles),
        taskFile,
        evaluated,
        wishes: tasks.value.flatMap(({ process }) => (process?.disabled ? [] : (process?.ports ?? []))),
        startDirectory: join(tools.project.stateDir, 'native-start'),
      });
    },
  };
}

function tasksIn(path: string): Result<readonly NativeTask[]> {
  const tasks = readNativeTasks(readText(path) ?? '');
  if (tasks !== null) return ok(tasks);
  const advice =
    'It was built by another release of devenv than upkeep knows; 2.1 and 2.2 are known to work.';
  const message = `${path} is no task file`;
  return fail({ reason: 'evaluation-broke', command: 'devenv build task.config', message, advice });
}
