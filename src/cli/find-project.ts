/** Which project a command is about: `-C`, else the nearest directory upwards that declares one. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Project } from '../core/project.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { findRepository } from '../git/repository.ts';
import { stateHome } from '../io/home.ts';
import { recallDigests, sha256 } from '../io/hash.ts';
import { discoverFiles } from '../supervisor/process-compose/files.ts';

/** Never above the git work tree. `no-project` when nothing is found, `root-vanished` when `-C` names nothing. */
export function findProject(options: { start: string; explicit: boolean }): Result<Project> {
  const start = resolve(options.start);
  if (!isDirectory(start)) return fail({ reason: 'root-vanished', root: start });
  const real = realpathSync.native(start);
  const repository = findRepository(real);
  if (repository) recallDigests(join(repository.gitDir, 'upkeep', 'digests'));
  const top = repository?.workTree ?? null;
  for (let directory = real; ; directory = dirname(directory)) {
    if (declaresProject(directory, repository?.gitDir ?? null)) return describe(directory, repository);
    if (options.explicit || directory === top || directory === dirname(directory)) {
      return fail({ reason: 'no-project', from: real });
    }
  }
}

/** Also not: a link to itself, a name that is too long, what may not be looked at. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export const projectKey = (root: string): string => sha256(root).slice(0, 16);

function declaresProject(directory: string, gitDir: string | null): boolean {
  if (existsSync(join(directory, 'upkeep.yaml')) || existsSync(join(directory, 'devenv.nix'))) return true;
  // devenv as a part of a flake has no file of its own, only what it leaves behind.
  if (existsSync(join(directory, 'flake.nix')) && existsSync(join(directory, '.devenv'))) return true;
  const files = discoverFiles(directory);
  if (files.ok && files.value.length > 0) return true;
  // A configuration that disappeared must not keep anyone from stopping what it started.
  return existsSync(join(stateDirectory(directory, gitDir), 'start.json'));
}

function describe(root: string, repository: { gitDir: string; workTree: string } | null): Result<Project> {
  const files = discoverFiles(root);
  if (!files.ok) return files;
  const key = projectKey(root);
  const gitDir = repository?.gitDir ?? null;
  return ok({
    root,
    key,
    backend: 'process-compose',
    gitDir,
    workTree: repository?.workTree ?? root,
    stateDir: stateDirectory(root, gitDir),
    socketDir: socketDirectory(key),
    configFiles: files.value,
  });
}

export function stateDirectory(root: string, gitDir: string | null): string {
  return join(gitDir ?? stateHome(), 'upkeep', projectKey(root));
}

/**
 * One truth for every caller: neither TMPDIR nor XDG_RUNTIME_DIR is asked, a sandboxed agent has others
 * (design.md §11). Root has a /run/user/0 only after a login, so existence decides.
 */
export function socketDirectory(key: string): string {
  const uid = process.getuid?.() ?? 0;
  const base = existsSync(`/run/user/${uid}`) ? `/run/user/${uid}/upkeep` : `/tmp/upkeep-${uid}`;
  return join(base, key);
}
