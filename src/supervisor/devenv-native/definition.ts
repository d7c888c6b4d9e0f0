/** What devenv evaluated last for its native manager, read from the task file: no program is run, so it may be out of date. */
import { join } from 'node:path';
import type { Definition } from '../port.ts';
import { fingerprintOf } from '../devenv-evaluation/fingerprint.ts';
import type { Evaluated } from '../devenv-evaluation/evaluated.ts';
import { isNewer, isOf, isWhole, readEvaluated } from '../devenv-evaluation/evaluated.ts';
import { namedInputs, sharedInputs } from '../devenv-evaluation/inputs.ts';
import { builtShell, dotfileOf, readText } from '../devenv-evaluation/places.ts';
import { shellEnvironment } from '../devenv-evaluation/shell-environment.ts';
import type { NativeTask } from './native-tasks.ts';
import { readNativeTasks } from './native-tasks.ts';
import { builtTasks } from './places.ts';
import { nativeServices } from './services.ts';

export interface NativeEvaluation {
  readonly root: string;
  /** Store paths. */
  readonly shell: string;
  readonly taskFile: string;
  readonly tasks: readonly NativeTask[];
  readonly outdated: boolean;
}

export function nativeDefinition({ root, shell, taskFile, tasks, outdated }: NativeEvaluation): Definition {
  const inputs = namedInputs(root);
  const variables = shellEnvironment(readText(shell) ?? '');
  // Where ports are given out, what is started is another evaluation than what was validated, on purpose.
  const isGiven = tasks.some(({ process }) => process !== null && process.ports.length > 0);
  return {
    services: nativeServices(tasks, root),
    inputs,
    fingerprint: fingerprintOf(root, shell, taskFile),
    orderedShutdown: false,
    outdated,
    sharedInputs: sharedInputs(root, inputs),
    programs: [join(variables['DEVENV_PROFILE'] ?? join(dotfileOf(root), 'profile'), 'bin')],
    carried: isGiven ? {} : { DEVENV_TASK_FILE: taskFile },
  };
}

/** Ours, as it was written down, or a later one by devenv itself, as its links say; null: none, or its results are gone. */
export function lastNativeEvaluation(
  root: string,
  stateDir: string,
  dotfile: string,
): NativeEvaluation | null {
  const ours = readEvaluated(stateDir);
  const shell = builtShell(root, dotfile);
  const link = builtTasks(dotfile);
  const known = ours && isStillLast(ours, shell?.path ?? null) ? ours : null;
  const taskFile = known?.script ?? link?.path;
  const tasks = taskFile === undefined ? null : readNativeTasks(readText(taskFile) ?? '');
  if (taskFile === undefined || tasks === null) return null;
  const inputs = namedInputs(root);
  const outdated = known ? !isOf(known, inputs) : isNewer(inputs, shell?.madeAtMs ?? link?.madeAtMs ?? 0);
  return { root, shell: known?.shell ?? shell?.path ?? '', taskFile, tasks, outdated };
}

/** `devenv up` builds the same again and moves the links; only another target is news. */
const isStillLast = (ours: Evaluated, shell: string | null): boolean =>
  ours.manager === 'native' && isWhole(ours) && (shell === null || shell === ours.shell);
