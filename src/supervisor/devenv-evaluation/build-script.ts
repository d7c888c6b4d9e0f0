/** Builds the script that starts the processes, as `devenv up` would before its own start. */
import { existsSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Devenv } from './call-devenv.ts';
import { callDevenv } from './call-devenv.ts';
import { noProcesses } from './evaluation-failure.ts';

/**
 * Its store path. `stack-config-bad` where no processes are declared. `shell`: what was built before. `devenv shell` of 2.x loads
 * the tasks besides, which is to be in its cache by then; its shell is told by the name.
 */
export async function buildScript(devenv: Devenv, shell: string): Promise<Result<string>> {
  const result = join(devenv.root, 'result');
  const before = linkTarget(result);
  const more = shell.endsWith('-devenv-shell') ? ['task.config'] : [];
  const built = await callDevenv(devenv, ['build', 'procfileScript', ...more]);
  const fromLink = scriptBehind(result, before);
  // Store paths, one a line; 2.x prints `{"procfileScript":"/nix/store/…"}`.
  const named = built.ok ? /"procfileScript":\s*"([^"]+)"/.exec(built.value)?.[1] : undefined;
  const printed = built.ok ? (built.value.match(/\/[^\s"']+/g) ?? []) : [];
  const path = named ?? printed.findLast((word) => existsSync(word)) ?? fromLink;
  if (path !== null && path !== undefined) return ok(path);
  if (built.ok) return printedNoPath('procfileScript', built.value);
  return built.failure.reason === 'stack-config-bad' ? withoutProcesses(devenv.root, built.failure) : built;
}

/** The task file, which is all that the native manager reads. */
export async function buildTasks(devenv: Devenv): Promise<Result<string>> {
  const built = await callDevenv(devenv, ['build', 'task.config']);
  if (!built.ok) return built;
  const path = (built.value.match(/\/[^\s"']+/g) ?? []).findLast((word) => existsSync(word));
  return path === undefined ? printedNoPath('task.config', built.value) : ok(path);
}

function printedNoPath(attribute: string, printed: string): Result<never> {
  const message = `it printed no store path: ${printed.trim().slice(0, 200)}`;
  const advice = 'Run it by hand to see more.';
  return fail({ reason: 'evaluation-broke', command: `devenv build ${attribute}`, message, advice });
}

/** 1.0 and 1.1 print nothing and leave `./result`, over whatever stood there: it is put back. */
function scriptBehind(result: string, before: string | null): string | null {
  const now = linkTarget(result);
  if (now === null || now === before) return null;
  try {
    const path = realpathSync(result);
    rmSync(result);
    if (before !== null) symlinkSync(before, result);
    return path;
  } catch {
    return null;
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Nix says that an option has no value; the reason is that no process sets it. */
function withoutProcesses(
  root: string,
  failure: Extract<Failure, { reason: 'stack-config-bad' }>,
): Result<never> {
  const [problem] = failure.problems;
  if (!problem || !noProcesses.test(problem.message)) return fail(failure);
  return fail(undeclared(root));
}

export const undeclared = (root: string) =>
  ({
    reason: 'stack-config-bad',
    problems: [
      {
        file: join(root, 'devenv.nix'),
        message: 'no processes are declared',
        hint: 'declare one, such as `processes.web.exec = "…";`',
      },
    ],
    untouched: true,
  }) as const;
