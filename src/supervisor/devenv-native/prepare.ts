/**
 * What is made of an evaluation before a stop: the graph that the manager would refuse only at its start is checked, the release
 * is one that can be asked, and everything that `devenv up` evaluates is in devenv's cache.
 */
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { undeclared } from '../devenv-evaluation/no-processes.ts';
import { evaluationEnvironment, leftovers } from '../devenv-evaluation/evaluation-environment.ts';
import type { Evaluated } from '../devenv-evaluation/evaluated.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';
import { profilesIn } from '../devenv-evaluation/profiles.ts';
import type { PrepareNative } from '../devenv-evaluation/prepare-native.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { digestInputs } from '../input-digests.ts';
import type { Prepared } from '../port.ts';
import { checkRelease } from './check-release.ts';
import { nativeDefinition } from './definition.ts';
import { keptConfigOf, readKeptConfig } from './kept-config.ts';
import type { NativeTask } from './native-tasks.ts';
import { readNativeTasks } from './native-tasks.ts';
import { checkGraph } from './refused-graph.ts';

/** Beside the port's fields: where the manager will listen, and what is taken out of its environment. */
export interface PreparedNative extends Prepared {
  readonly runtime: string;
  readonly leftovers: readonly string[];
  readonly profiles: readonly string[];
  /** Store paths. */
  readonly evaluated: { readonly taskFile: string; readonly shell: string };
  /** Where what devenv hands to its daemon is kept. */
  readonly keptConfig: string;
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
      const runtime = variables['DEVENV_RUNTIME'] ?? '';
      const evaluated = { schema: 1, manager: 'native', beganMs, endedMs, shell, script, inputs } as const;
      return ok({ ...evaluated, taskFile: script, launcher: script, runtime, env: '' } satisfies Evaluated);
    },
    async assemble(evaluated, request): Promise<Result<PreparedNative>> {
      const program = findDevenv(request.env);
      if (!program.ok) return program;
      const tasks = tasksIn(evaluated.script);
      if (!tasks.ok) return tasks;
      const { shell, script: taskFile } = evaluated;
      const definition = nativeDefinition({ root, shell, taskFile, tasks: tasks.value, outdated: false });
      if (definition.services.length === 0) return fail(undeclared(root));
      const inputs = [...new Set([...definition.inputs, ...tools.moreInputs])];
      const seen = evaluated.inputs.map(({ path, digest }) => [path, digest] as const);
      const files = [taskFile];
      const keptConfig = keptConfigOf(tools.project.stateDir);
      const isKept = readKeptConfig(keptConfig, { taskFile, shell }) !== null;
      return ok({
        definition: { ...definition, inputs },
        binary: program.value,
        files,
        // devenv itself starts the manager, from what is on disk; what ran before just like this may be started without it.
        copies: isKept ? [taskFile, keptConfig] : files,
        digests: new Map([...digestInputs(inputs), ...seen]),
        runtime: evaluated.runtime ?? '',
        leftovers: leftovers(request.env),
        profiles: profilesIn(request.env, root),
        evaluated: { taskFile, shell },
        keptConfig,
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
