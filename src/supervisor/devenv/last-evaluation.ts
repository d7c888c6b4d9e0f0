/** Which evaluation is the last one: ours, as we wrote it down, or a later one by devenv itself, as its links say. */
import type { Environment } from '../../core/environment.ts';
import type { Generated } from './definition.ts';
import { isNewer, isOf, isWhole, readEvaluated } from '../devenv-evaluation/evaluated.ts';
import { namedInputs } from '../devenv-evaluation/inputs.ts';
import { builtScript, builtShell, readText } from '../devenv-evaluation/places.ts';
import { dotfileIn } from '../devenv-evaluation/profiles.ts';
import type { ProcessScript } from './process-script.ts';
import { readProcessScript } from './process-script.ts';

export interface LastEvaluation {
  readonly generated: Omit<Generated, 'outdated'>;
  /** Hashes every input. */
  readonly isOutdated: () => boolean;
  readonly processes: ProcessScript;
}

/** null: nothing was evaluated yet, or its results are gone, or it starts no process-compose. */
export function lastEvaluation(root: string, stateDir: string, env: Environment): LastEvaluation | null {
  const ours = readEvaluated(stateDir);
  const dotfile = dotfileIn(env, root);
  const shell = builtShell(root, dotfile);
  const script = builtScript(root, dotfile);
  // Evaluating again to the same result leaves the link as it is, in some releases: only another target is news.
  const isOurs = ours !== null && isWhole(ours) && (shell === null || shell.path === ours.shell);
  const isLater = isOurs && script !== null && script.path !== ours.script && script.madeAtMs > ours.endedMs;
  const known = isOurs && !isLater ? ours : null;
  const scriptPath = known?.script ?? script?.path;
  const processes = scriptPath === undefined ? null : readProcessScript(readText(scriptPath) ?? '', env);
  if (scriptPath === undefined || processes === null) return null;
  const generated = {
    root,
    shell: known?.shell ?? shell?.path ?? '',
    script: scriptPath,
    configFile: processes.configFile,
    taskFile: known?.taskFile ?? null,
  };
  const isOutdated = (): boolean => {
    const inputs = namedInputs(root);
    return known ? !isOf(known, inputs) : isNewer(inputs, shell?.madeAtMs ?? script?.madeAtMs ?? 0);
  };
  return { generated, isOutdated, processes };
}
