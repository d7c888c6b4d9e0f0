/**
 * What git ignores, for hints only: a log or a database within the tree that is written all the time would keep the quiet
 * period from ever ending, and node_modules would take most of the watches. The content id does not rely on this.
 */
import { basename } from 'node:path';
import { joinPaths, splitPaths, userGit } from './content-id/git.ts';
import { bytesOfText, textOfLatin1 } from './path-text.ts';
import type { Settle } from './settle.ts';
import { settle } from './settle.ts';

export interface GitIgnored extends Disposable {
  /** Whether git is known to ignore the file or directory at this path (relative to the root, no trailing slash). */
  has(path: string): boolean;
  /** Ask git about paths that it was not asked about yet, soon and in one go. */
  learn(paths: readonly string[]): void;
  /** Ask anew about everything. Without git, or if it fails: nothing is ignored. True if something is not ignored any more. */
  refresh(): Promise<boolean>;
}

const remembered = 20_000;
const learnAfterMs = 300;

/** `.env*` are sources whatever git says. */
const isEnvironmentFile = (path: string): boolean => basename(path).startsWith('.env') && !path.endsWith('/');

/** `onDirectory`: git turned out to ignore a directory that was not known to be ignored. */
export function gitIgnored(root: string, hasGit: boolean, onDirectory: (path: string) => void): GitIgnored {
  let ignored = new Set<string>();
  let asked = new Set<string>();
  let unknown = new Set<string>();
  const lifetime = new AbortController();
  const at = { root, signal: lifetime.signal };

  async function ask(): Promise<void> {
    const paths = [...unknown];
    unknown = new Set();
    if (asked.size > remembered) asked = new Set();
    for (const path of paths) asked.add(path);
    const input = joinPaths(paths.map((path) => bytesOfText(path).toString('latin1')));
    // 1: none of them is ignored.
    const said = await userGit(at, ['check-ignore', '-z', '--stdin'], { input, accept: [0, 1] });
    if (!said.ok) return;
    for (const path of splitPaths(said.value).map(textOfLatin1)) {
      if (isEnvironmentFile(path) || ignored.has(path)) continue;
      ignored.add(path);
      onDirectory(path);
    }
  }
  const soon: Settle = settle(learnAfterMs, () => void ask());

  return {
    has: (path) => ignored.has(path),
    learn(paths) {
      if (!hasGit) return;
      const fresh = paths.filter((path) => path !== '' && !asked.has(path) && !ignored.has(path) && !path.startsWith('../'));
      for (const path of fresh) unknown.add(path);
      if (fresh.length > 0) soon.hint(Date.now());
    },
    async refresh() {
      if (!hasGit) return false;
      asked = new Set();
      const args = ['ls-files', '-z', '-o', '-i', '--exclude-standard', '--directory'];
      const said = await userGit(at, args);
      const found = said.ok ? splitPaths(said.value).map(textOfLatin1) : [];
      const now = new Set(found.filter((path) => !isEnvironmentFile(path)).map((path) => path.replace(/\/$/, '')));
      const freed = [...ignored].some((path) => !now.has(path));
      ignored = now;
      return freed;
    },
    [Symbol.dispose]() {
      lifetime.abort();
      soon[Symbol.dispose]();
    },
  };
}
