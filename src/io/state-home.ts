/** Makes directories for what we remember, and never brings back a repository that was moved or removed under us. */
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** For projects without git. */
export const stateHome = (): string => process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state');

/**
 * `path`, 0700, with its parents up to the git directory that holds it: where that one is gone (a renamed project, `git worktree
 * remove`), throws ENOENT as a plain mkdir would. A watcher that wrote on would leave a husk where the project was, or a broken
 * entry in .git/worktrees.
 */
export function makeStateDirectory(path: string): void {
  const home = /^(.*)\/upkeep\/[0-9a-f]{16}(?:\/|$)/s.exec(path)?.[1];
  if (home !== undefined && home !== stateHome() && !existsSync(home)) {
    const gone: NodeJS.ErrnoException = new Error(`ENOENT: ${home} is gone`);
    gone.code = 'ENOENT';
    throw gone;
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
