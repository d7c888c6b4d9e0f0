/**
 * Everything that can be done before a stop. Nothing that runs is touched, and nothing of this is part of the downtime.
 * ```
 * same files as evaluated before, and the caller trusts that ──────────────────────────▶ what was prepared then
 * parse (ms) ─▶ print-dev-env ─▶ build the script ─▶ inputs moved meanwhile? ─ yes ─▶ again
 *                                                          │ no
 *                                    dry run of the YAML ◀─┘ ─▶ keep a launcher that evaluates nothing
 * ```
 */
import { join } from 'node:path';
import { createHash } from '../../io/hash.ts';
import type { Environment } from '../../core/environment.ts';
import type { Failure } from '../../core/failure.ts';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { digestInputs } from '../input-digests.ts';
import type { Prepared, PrepareRequest } from '../port.ts';
import { validateFiles } from '../process-compose/validate.ts';
import { checkRegular, checkWaiting } from '../unfit-inputs.ts';
import type { ProcessScript } from './process-script.ts';
import { definitionOf } from './definition.ts';
import { evaluate } from '../devenv-evaluation/evaluate.ts';
import type { PrepareNative } from '../devenv-evaluation/prepare-native.ts';
import type { Evaluated } from '../devenv-evaluation/evaluated.ts';
import { isOf, isWhole, readEvaluated, writeEvaluated } from '../devenv-evaluation/evaluated.ts';
import { undeclared } from '../devenv-evaluation/no-processes.ts';
import { evaluationEnvironment, leftovers } from '../devenv-evaluation/evaluation-environment.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';
import { importedFiles } from '../devenv-evaluation/imported-files.ts';
import { keepLauncher } from '../devenv-evaluation/keep-launcher.ts';
import { namedInputs, writtenFiles } from '../devenv-evaluation/inputs.ts';
import { readLastGood } from '../devenv-evaluation/last-good.ts';
import { profilesIn } from '../devenv-evaluation/profiles.ts';
import { refusedKeys } from './refused-keys.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { readScript } from './read-script.ts';
import { makeTaskCache } from './task-cache.ts';
import { shellEnvironment } from '../devenv-evaluation/shell-environment.ts';

const dryRunTimeoutMs = 20_000;

export interface PrepareDevenv {
  readonly project: Project;
  /** More files that shape the configuration (`config:` of upkeep.yaml), absolute. */
  readonly moreInputs: readonly string[];
  readonly timeoutMs: number;
  /** What is made of an evaluation for the native manager. */
  readonly native: PrepareNative;
}

/** Beside the port's fields: where the server will listen, and how it is started. */
export interface PreparedDevenv extends Prepared {
  readonly processes: ProcessScript;
  /** null: it went away since the evaluation; the kept launcher does without. */
  readonly devenv: string | null;
  /** Of the stack's environment: what another devenv shell left in it. */
  readonly leftovers: readonly string[];
  readonly profiles: readonly string[];
  readonly evaluated: Evaluated;
}

/** `stack-config-bad`, `evaluation-broke`, `binary-missing`, `interrupted`, `state-unwritable`. */
export async function prepare(tools: PrepareDevenv, request: PrepareRequest): Promise<Result<Prepared>> {
  const { project, native } = tools;
  const readable = await checkReadable(project.root);
  if (!readable.ok) return readable;
  const env = evaluationEnvironment(request.env);
  const known = request.reuse ? readEvaluated(project.stateDir) : null;
  if (known && known.env === digestOf(env) && isWhole(known) && isOf(known, namedInputs(project.root)))
    return known.manager === 'native'
      ? native.assemble(known, request)
      : assemble(tools, known, { env, request });
  const evaluation = await evaluate(tools, { ...request, env });
  if (!evaluation.ok) return evaluation;
  if (evaluation.value.manager === 'native') {
    const fresh = await native.fresh(evaluation.value, request);
    if (!fresh.ok) return fresh;
    writeEvaluated(project.stateDir, { ...fresh.value, env: digestOf(env) });
    return native.assemble(fresh.value, request);
  }
  const script = readScript(evaluation.value.script, evaluation.value.variables);
  if (!script.ok) return script;
  const valid = await dryRun(project, script.value, { ...request, env });
  if (!valid.ok) return valid;
  await makeTaskCache(readText(script.value.configFile) ?? '', {
    root: project.root,
    env: evaluation.value.variables,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  const launcher = keepLauncher(project, evaluation.value);
  if (!launcher.ok) return launcher;
  const { beganMs, endedMs, shell, inputs, variables } = evaluation.value;
  const evaluated: Evaluated = {
    schema: 1,
    beganMs,
    endedMs,
    shell,
    script: evaluation.value.script,
    taskFile: variables['DEVENV_TASK_FILE'] ?? null,
    launcher: launcher.value,
    env: digestOf(env),
    inputs,
  };
  writeEvaluated(project.stateDir, evaluated);
  return assemble(tools, evaluated, { env: variables, request });
}

/** Both devenv and process-compose would wait for a fifo, and their words for the rest help nobody. */
async function checkReadable(root: string): Promise<Result<void>> {
  const fit = checkRegular(writtenFiles(root));
  if (!fit.ok) return fit;
  const imported = [...importedFiles(root)].map(({ path }) => path);
  return checkWaiting([...new Set([...namedInputs(root), ...imported])]);
}

async function assemble(
  tools: PrepareDevenv,
  evaluated: Evaluated,
  { env, request }: { env: Environment; request: PrepareRequest },
): Promise<Result<PreparedDevenv>> {
  const { project } = tools;
  const program = findDevenv(request.env);
  const variables = shellEnvironment(readText(evaluated.shell) ?? '');
  const script = readScript(evaluated.script, { ...env, ...variables });
  if (!script.ok) return script;
  const generated = {
    root: project.root,
    shell: evaluated.shell,
    script: evaluated.script,
    configFile: script.value.configFile,
    taskFile: evaluated.taskFile,
    outdated: false,
  };
  const cacheFile = join(project.stateDir, 'definition.cache');
  const definition = await definitionOf(generated, { env, cacheFile });
  if (!definition.ok) return definition;
  if (definition.value.services.length === 0) return fail(undeclared(project.root));
  const inputs = [...new Set([...definition.value.inputs, ...tools.moreInputs])];
  const seen = new Map(evaluated.inputs.map(({ path, digest }) => [path, digest]));
  return ok({
    definition: { ...definition.value, inputs },
    binary: script.value.binary,
    files: [evaluated.script],
    copies: [evaluated.script, evaluated.launcher],
    // As they were evaluated, not as they are now.
    digests: new Map([...digestInputs(inputs), ...seen]),
    processes: script.value,
    devenv: program.ok ? program.value : null,
    leftovers: leftovers(request.env),
    profiles: profilesIn(request.env, project.root),
    evaluated,
  });
}

/** What was started last and answered, to be started from its copies. null: see readLastGood. */
export async function prepareLastGood(
  tools: PrepareDevenv,
  request: PrepareRequest,
  instance: string | null,
): Promise<Prepared | null> {
  const good = readLastGood(tools.project.stateDir, instance);
  if (good === null) return null;
  const env = evaluationEnvironment(request.env);
  const ready =
    good.manager === 'native'
      ? await tools.native.assemble(good, request)
      : await assemble(tools, good, { env, request });
  return ready.ok ? ready.value : null;
}

/** devenv lets keys pass that process-compose then refuses, after the old stack is gone. */
async function dryRun(
  project: Project,
  script: ProcessScript,
  request: Pick<PrepareRequest, 'env' | 'signal'>,
): Promise<Result<void>> {
  const valid = await validateFiles(script.binary, [script.configFile], {
    cwd: project.root,
    env: request.env,
    timeoutMs: dryRunTimeoutMs,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return valid.ok ? valid : fail(refusedKeys(project.root, valid.failure) satisfies Failure);
}

const digestOf = (env: Environment): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
