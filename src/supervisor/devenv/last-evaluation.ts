/** Which evaluation is the last one: ours, as we wrote it down, or a later one by devenv itself, as its links say. */
import type { Environment } from '../../core/environment.ts';
import type { Generated } from './definition.ts';
import { isOf, isWhole, readEvaluated, seeInputs } from './evaluated.ts';
import { namedInputs } from './inputs.ts';
import { builtScript, builtShell, readText } from './places.ts';
import { dotfileIn } from './profiles.ts';
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

/** Only times are left to tell, where somebody else evaluated. */
export function isNewer(inputs: readonly string[], thanMs: number): boolean {
  const thanS = Math.floor(thanMs / 1000);
  return seeInputs(inputs).some(({ mtimeS }) => mtimeS !== null && mtimeS > thanS);
}
