/** Decides which project a command is about: `-C`, else the nearest directory upwards that declares one. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Project } from '../core/project.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { Repository } from '../git/repository.ts';
import { findRepository } from '../git/repository.ts';
import { recallDigests, sha256 } from '../io/hash.ts';
import { stateHome } from '../io/state-home.ts';
import { discoverFiles } from '../supervisor/process-compose/files.ts';

/** Never above the git work tree. Fails with `no-project` when nothing is found, `root-vanished` when `-C` is no directory. */
export function findProject(options: { start: string; explicit: boolean }): Result<Project> {
  const start = resolve(options.start);
  if (!isDirectory(start)) return fail({ reason: 'root-vanished', root: start });
  const real = realpathSync.native(start);
  const repository = findRepository(real);
  if (repository) recallDigests(join(repository.gitDir, 'upkeep', 'digests'));
  const top = repository?.workTree ?? null;
  for (let directory = real; ; directory = dirname(directory)) {
    if (declaresProject(directory, repository?.gitDir ?? null)) return ok(describe(directory, repository));
    if (options.explicit || directory === top || directory === dirname(directory)) {
      return fail({ reason: 'no-project', from: real });
    }
  }
}

/** It may also be a link to itself, a name that is too long, or something that we may not look at. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Names a project by its resolved root: the first 16 hex digits of its sha256. */
export const projectKey = (root: string): string => sha256(root).slice(0, 16);

function declaresProject(directory: string, gitDir: string | null): boolean {
  if (existsSync(join(directory, 'upkeep.yaml')) || existsSync(join(directory, 'devenv.nix'))) return true;
  // As part of a flake, devenv has no file of its own, only what it leaves behind.
  if (existsSync(join(directory, 'flake.nix')) && existsSync(join(directory, '.devenv'))) return true;
  if (discoverFiles(directory).length > 0) return true;
  // A configuration that disappeared must not keep anyone from stopping what it started.
  return existsSync(join(stateDirectory(directory, gitDir), 'start.json'));
}

function describe(root: string, repository: Repository | null): Project {
  const key = projectKey(root);
  const gitDir = repository?.gitDir ?? null;
  return {
    root,
    key,
    backend: 'process-compose',
    gitDir,
    workTree: repository?.workTree ?? root,
    stateDir: stateDirectory(root, gitDir),
    socketDir: socketDirectory(key),
    configFiles: discoverFiles(root),
  };
}

/** Everything upkeep remembers about the project at `root`; may not exist yet. `gitDir` null: without git. */
export function stateDirectory(root: string, gitDir: string | null): string {
  return join(gitDir === null ? stateHome() : join(gitDir, 'upkeep'), projectKey(root));
}

/**
 * The same for every caller: TMPDIR and XDG_RUNTIME_DIR are ignored, because a sandboxed agent has others. Root has a
 * /run/user/0 only after a login, so existence decides.
 */
export function socketDirectory(key: string): string {
  const uid = process.getuid?.() ?? 0;
  const base = existsSync(`/run/user/${uid}`) ? `/run/user/${uid}/upkeep` : `/tmp/upkeep-${uid}`;
  return join(base, key);
}
