/** Decides where records lie that belong to no repository, and makes directories for records. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { homeDirectory } from './home.ts';

/** `$XDG_STATE_HOME/upkeep`, else `~/.local/state/upkeep`. A relative value is ignored, as the XDG specification says. */
export function stateHome(): string {
  const configured = process.env['XDG_STATE_HOME'];
  const base = configured && isAbsolute(configured) ? configured : join(homeDirectory(), '.local/state');
  return join(base, 'upkeep');
}

/**
 * `path`, 0700, with its parents up to the git directory that holds it: where that one is gone (a renamed project, `git worktree
 * remove`), throws ENOENT as a plain mkdir would. A watcher that wrote on would leave a husk where the project was, or a broken
 * entry in .git/worktrees.
 */
export function makeStateDirectory(path: string): void {
  const home = /^(.*\/upkeep)\/[0-9a-f]{16}(?:\/|$)/s.exec(path)?.[1];
  if (home !== undefined && home !== stateHome() && !existsSync(dirname(home))) {
    const gone: NodeJS.ErrnoException = new Error(`ENOENT: ${dirname(home)} is gone`);
    gone.code = 'ENOENT';
    throw gone;
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
