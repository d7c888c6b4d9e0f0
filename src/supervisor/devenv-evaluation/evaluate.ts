/** One evaluation of the files as they are: the environment and the script, both from the same content. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Manager } from '../../core/manager.ts';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { PrepareRequest } from '../port.ts';
import { buildScript, buildTasks } from './build-script.ts';
import type { Devenv } from './call-devenv.ts';
import { callDevenv } from './call-devenv.ts';
import type { EvaluatedInput } from './evaluated.ts';
import { readAttempt, readEvaluated, seeInputs, writeAttempt } from './evaluated.ts';
import { findDevenv } from './find-devenv.ts';
import { isHiddenByOthers, isHiddenFromCache } from './hidden-from-cache.ts';
import { listedInputs, namedInputs, nixInputs } from './inputs.ts';
import { hasNoProcesses, undeclared, unlessUndeclared } from './no-processes.ts';
import { askManager } from './manager.ts';
import { parseNix } from './parse-nix.ts';
import { builtShell } from './places.ts';
import { dotfileIn } from './profiles.ts';
import { shellEnvironment } from './shell-environment.ts';

export interface Evaluation {
  readonly beganMs: number;
  readonly endedMs: number;
  /** What print-dev-env printed: bash that makes the environment. */
  readonly shellText: string;
  readonly variables: Environment;
  readonly manager: Manager;
  /** Store paths. `script`: of the task file, for the native manager. */
  readonly shell: string;
  readonly script: string;
  /** As they were before it began, and those that it named, as they are. */
  readonly inputs: readonly EvaluatedInput[];
}

/** An edit meanwhile starts over; somebody who never stops writing gets the last one, and the difference is seen later. */
const rounds = 3;
const tellAfterMs = 1_000;

export async function evaluate(
  tools: { readonly project: Project; readonly timeoutMs: number },
  request: PrepareRequest,
): Promise<Result<Evaluation>> {
  const late = setTimeout(() => request.onProgress('evaluating devenv.nix …'), tellAfterMs);
  try {
    for (let round = 1; ; round += 1) {
      const evaluation = await once(tools, request, round > 1);
      if (!evaluation.ok || round === rounds || !movedSince(tools.project.root, evaluation.value))
        return evaluation;
    }
  } finally {
    clearTimeout(late);
  }
}

async function once(
  { project, timeoutMs }: { readonly project: Project; readonly timeoutMs: number },
  request: PrepareRequest,
  again: boolean,
): Promise<Result<Evaluation>> {
  const { root, stateDir } = project;
  const { env } = request;
  if (isOfFlake(root)) return partOfFlake;
  const beganMs = Date.now();
  const before = seeInputs(namedInputs(root));
  const signal = request.signal ? { signal: request.signal } : {};
  const parsed = await parseNix(nixInputs(root), { root, env, ...signal });
  if (!parsed.ok) return parsed;
  const program = findDevenv(env);
  if (!program.ok) return program;
  const refresh = again || cacheHides(project, before, dotfileIn(env, root));
  writeAttempt(stateDir, { beganMs, inputs: before });
  const devenv: Devenv = { program: program.value, root, env, timeoutMs, refresh, ...signal };
  const shellText = await callDevenv(devenv, ['print-dev-env']);
  if (!shellText.ok) return unlessUndeclared(root, shellText);
  const variables = shellEnvironment(shellText.value);
  const manager = await askManager(devenv, variables);
  // Without processes there is no manager, and 1.x cannot be asked for one.
  if (!manager.ok)
    return manager.failure.reason === 'not-implemented' && hasNoProcesses(variables)
      ? fail(undeclared(root))
      : manager;
  const shell = builtShell(root, variables['DEVENV_DOTFILE'])?.path ?? '';
  const script = manager.value === 'native' ? await buildTasks(devenv) : await buildScript(devenv, shell);
  if (!script.ok) return script;
  const earlier = new Set(before.map(({ path }) => path));
  const named = namedInputs(root).filter((path) => !earlier.has(path));
  return ok({
    beganMs,
    endedMs: Date.now(),
    shellText: shellText.value,
    variables: { ...env, ...variables },
    manager: manager.value,
    shell,
    script: script.value,
    inputs: withOwnLock(root, [...before, ...seeInputs(named)]),
  });
}

/** What `devenv` is there starts the processes in the foreground and no more: it evaluates nothing for others. */
const isOfFlake = (root: string): boolean =>
  !existsSync(join(root, 'devenv.nix')) && existsSync(join(root, 'flake.nix'));

const partOfFlake = fail({
  reason: 'not-implemented',
  what: 'starting a devenv that is part of a flake',
  instead:
    '`devenv up` within `nix develop` starts it; `upkeep status`, `logs`, `attach` and `stop` work on what runs then.',
});

function cacheHides({ root, stateDir }: Project, now: readonly EvaluatedInput[], dotfile: string): boolean {
  const known = readEvaluated(stateDir);
  const attempt = readAttempt(stateDir);
  const cutOff = attempt && attempt.beganMs !== known?.beganMs ? attempt : null;
  const seen = [...(known ? [known] : []), ...(cutOff ? [{ ...cutOff, endedMs: Date.now() }] : [])];
  const listed = new Set(listedInputs(root));
  if (isHiddenFromCache(seen, now, listed)) return true;
  const links = builtShell(root, dotfile);
  return links !== null && links.path !== known?.shell && isHiddenByOthers(links.madeAtMs, now, listed);
}

/** The lock file is devenv's to write: what it wrote is what was evaluated. */
const withOwnLock = (root: string, inputs: readonly EvaluatedInput[]): readonly EvaluatedInput[] =>
  inputs.map((input) =>
    input.path === `${root}/devenv.lock` ? (seeInputs([input.path])[0] ?? input) : input,
  );

function movedSince(root: string, evaluation: Evaluation): boolean {
  const now = seeInputs(evaluation.inputs.map(({ path }) => path));
  const was = new Map(evaluation.inputs.map(({ path, digest }) => [path, digest]));
  return now.some(({ path, digest }) => path !== `${root}/devenv.lock` && was.get(path) !== digest);
}
