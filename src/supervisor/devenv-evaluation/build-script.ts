/** Builds the script that starts the processes, as `devenv up` would before its own start. */
import { existsSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Devenv } from './call-devenv.ts';
import { callDevenv } from './call-devenv.ts';
import { undeclared, unlessUndeclared } from './no-processes.ts';

/**
 * Its store path. `stack-config-bad` where no processes are declared. `shell`: what was built before. `devenv shell` of 2.x loads
 * the tasks besides, which is to be in its cache by then; its shell is told by the name.
 */
export async function buildScript(devenv: Devenv, shell: string): Promise<Result<string>> {
  const result = join(devenv.root, 'result');
  const before = linkTarget(result);
  const more = shell.endsWith('-devenv-shell') ? ['task.config'] : [];
  const built = await build(devenv, 'procfileScript', more);
  const path = built.ok ? built.value : scriptBehind(result, before);
  // A script of 1.x that starts nothing.
  if (path?.endsWith('-no-processes')) return fail(undeclared(devenv.root));
  return path === null ? unlessUndeclared(devenv.root, built) : ok(path);
}

/** The task file, which is all that the native manager reads. */
export const buildTasks = (devenv: Devenv): Promise<Result<string>> => build(devenv, 'task.config');

/** Store paths are printed one a line, or as `{"procfileScript":"/nix/store/…"}` by 2.x. `more`: built besides. */
async function build(
  devenv: Devenv,
  attribute: string,
  more: readonly string[] = [],
): Promise<Result<string>> {
  const built = await callDevenv(devenv, ['build', attribute, ...more]);
  if (!built.ok) return built;
  const named = new RegExp(`"${attribute}":\\s*"([^"]+)"`).exec(built.value)?.[1];
  const printed = named === undefined ? (built.value.match(/\/[^\s"']+/g) ?? []) : [named];
  const path = printed.findLast((word) => existsSync(word));
  if (path !== undefined) return ok(path);
  // What the cache knows is printed also where Nix has collected it since: nothing keeps what is built without a link.
  if (printed.length > 0 && !devenv.refresh) return build({ ...devenv, refresh: true }, attribute, more);
  return printedNoPath(attribute, built.value);
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
