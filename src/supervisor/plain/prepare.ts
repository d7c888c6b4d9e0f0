/** Does everything that can be done before a stop: finds the binary, reads and validates the files, keeps copies of them. */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Project } from '../../core/project.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Prepared, PrepareRequest, Supervisor } from '../port.ts';
import { validateFiles } from '../process-compose/validate.ts';
import { digestInputs } from '../input-digests.ts';
import { onShelf } from '../shelf.ts';
import { checkWaiting } from '../unfit-inputs.ts';

const dryRunTimeoutMs = 20_000;

/** Touches nothing that runs. Fails with `stack-config-bad`, `binary-missing`, `state-unwritable` … */
export async function prepare(
  tools: {
    project: Project;
    filesLike: (like: readonly string[] | null) => readonly string[];
  } & Pick<Supervisor, 'define' | 'binary'>,
  request: PrepareRequest,
): Promise<Result<Prepared>> {
  const { project } = tools;
  const files = tools.filesLike(request.like);
  const definition = await tools.define(request.env, request.like);
  if (!definition.ok) return definition;
  if (definition.value.services.length === 0) return fail(nothingDeclared(files[0] ?? project.root));
  const readable = await checkWaiting(definition.value.inputs);
  if (!readable.ok) return readable;
  const digests = digestInputs(definition.value.inputs);
  const binary = await tools.binary(request);
  if (!binary.ok) return binary;
  const copies = keepCopies({ project, inputs: definition.value.inputs, files });
  if (!copies.ok) return copies;
  // The copies are validated, so that a save at this moment cannot slip in between.
  const valid = await validateFiles(binary.value, copies.value.files, {
    cwd: project.root,
    env: request.env,
    timeoutMs: dryRunTimeoutMs,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  if (!valid.ok) return named(valid.failure, copies.value);
  return ok({
    definition: definition.value,
    binary: binary.value,
    files,
    copies: copies.value.files,
    digests,
  });
}

/** process-compose accepts such a file, and then runs nothing for ever. */
const nothingDeclared = (file: string): Failure => ({
  reason: 'stack-config-bad',
  problems: [{ file, message: 'it declares no services', hint: 'add one under `processes:`' }],
  untouched: true,
});

/** A problem is named by the file that a person edits, extended ones included, not by our copy of it. */
function named(failure: Failure, { target, base }: Copies): Result<never> {
  if (failure.reason !== 'stack-config-bad') return fail(failure);
  const original = (text: string): string => text.replaceAll(`${target}/`, base === sep ? sep : base + sep);
  const problems = failure.problems.map((problem) => ({
    ...problem,
    file: original(problem.file),
    message: original(problem.message),
  }));
  return fail({ ...failure, problems });
}

interface Copies {
  /** In the order of the files. */
  readonly files: readonly string[];
  /** Where the copies lie, and the directory that their layout is relative to. */
  readonly target: string;
  readonly base: string;
}

/** Keeps the relative layout, because `extends` is relative to the file that says it. */
function keepCopies(ask: {
  project: Project;
  inputs: readonly string[];
  files: readonly string[];
}): Result<Copies> {
  // Never a dotenv file: it holds secrets.
  const inputs = new Set([...ask.inputs.filter((path) => /\.ya?ml$/.test(path)), ...ask.files]);
  const base = commonDirectory([...inputs]);
  return onShelf(ask.project.stateDir, (target) => {
    for (const path of inputs) copyIfThere(path, join(target, relative(base, path)));
    return { files: ask.files.map((path) => join(target, relative(base, path))), target, base };
  });
}

function copyIfThere(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    cpSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function commonDirectory(paths: readonly string[]): string {
  const [first = [], ...rest] = paths.map((path) => dirname(path).split(sep));
  let common = [...first];
  for (const parts of rest) {
    let same = 0;
    while (same < common.length && common[same] === parts[same]) same += 1;
    common = common.slice(0, same);
  }
  return common.join(sep) || sep;
}
