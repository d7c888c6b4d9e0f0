/** Finds the git directory of a place by reading files: spawning git would cost more than a whole `upkeep status`. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

export interface Repository {
  /** The per-work-tree directory: `.git`, or `.git/worktrees/NAME` in a linked work tree. */
  readonly gitDir: string;
  readonly workTree: string;
}

/** The repository whose work tree holds `start`; null when there is none above it. GIT_* variables do not count. */
export function findRepository(start: string): Repository | null {
  for (let directory = resolve(start); ; directory = dirname(directory)) {
    const gitDir = readGitDir(directory);
    if (gitDir) return { gitDir, workTree: directory };
    if (directory === dirname(directory)) return null;
  }
}

function readGitDir(directory: string): string | null {
  const path = join(directory, '.git');
  try {
    if (statSync(path).isDirectory()) return isRepository(path) ? path : null;
    // A linked work tree or a submodule: one line that points to the real directory.
    const target = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.trimEnd();
    if (!target) return null;
    const gitDir = isAbsolute(target) ? target : resolve(directory, target);
    return isRepository(gitDir) ? gitDir : null;
  } catch {
    return null; // no .git here
  }
}

/** git itself checks HEAD, objects and refs; HEAD alone distinguishes a repository from an empty directory. */
function isRepository(gitDir: string): boolean {
  return statSync(join(gitDir, 'HEAD'), { throwIfNoEntry: false })?.isFile() ?? false;
}
