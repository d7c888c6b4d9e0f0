/**
 * Knows what git ignores, for hints only: a log or a database in the tree that is written all the time would keep the quiet
 * period from ever ending, and node_modules would need most of the watches. The content id does not rely on this.
 */
import { basename, isAbsolute } from 'node:path';
import { joinPaths, splitPaths, userGit } from './content-id/git.ts';
import { bytesOfText, textOfLatin1 } from './path-text.ts';
import type { Settle } from './settle.ts';
import { settle } from './settle.ts';

export interface GitIgnored extends Disposable {
  /** Whether git is known to ignore the file or directory at this path (relative to the root, no trailing slash). */
  has(path: string): boolean;
  /** Asks git about new paths, soon and in one go. */
  learn(paths: readonly string[]): void;
  /** Asks about everything again. Without git, or if it fails, nothing is ignored. True if something is no longer ignored. */
  refresh(): Promise<boolean>;
}

const remembered = 20_000;
const learnAfterMs = 300;

/** `.env*` are sources whatever git says. */
const isEnvironmentFile = (path: string): boolean => basename(path).startsWith('.env') && !path.endsWith('/');

/** `onFound`: git turned out to ignore a path that hinted before. */
export function gitIgnored(root: string, hasGit: boolean, onFound: (path: string) => void): GitIgnored {
  let ignored = new Set<string>();
  let queried = new Set<string>();
  let unknown = new Set<string>();
  const lifetime = new AbortController();
  const at = { root, signal: lifetime.signal };

  async function ask(): Promise<void> {
    const paths = [...unknown];
    unknown = new Set();
    if (queried.size > remembered) queried = new Set();
    for (const path of paths) queried.add(path);
    for (const path of await checkIgnore(paths)) {
      if (isEnvironmentFile(path) || ignored.has(path)) continue;
      ignored.add(path);
      onFound(path);
    }
  }

  async function checkIgnore(paths: readonly string[]): Promise<string[]> {
    if (paths.length === 0) return [];
    const input = joinPaths(paths.map((path) => bytesOfText(path).toString('latin1')));
    // 1: none of them is ignored.
    const answer = await userGit(at, ['check-ignore', '-z', '--stdin'], { input, accept: [0, 1] });
    return answer.ok ? splitPaths(answer.value).map(textOfLatin1) : [];
  }
  const soon: Settle = settle(learnAfterMs, () => void ask());

  return {
    has: (path) => ignored.has(path),
    learn(paths) {
      if (!hasGit) return;
      const known = (path: string): boolean => queried.has(path) || ignored.has(path) || unknown.has(path);
      const fresh = paths.filter((path) => path !== '' && !isAbsolute(path) && !known(path));
      for (const path of fresh) unknown.add(path);
      // Only new paths restart the wait: a log that is written all the time must not postpone its own question.
      if (fresh.length > 0) soon.hint(Date.now());
    },
    async refresh() {
      if (!hasGit) return false;
      queried = new Set();
      const args = ['ls-files', '-z', '-o', '-i', '--exclude-standard', '--directory'];
      const answer = await userGit(at, args);
      const found = answer.ok ? splitPaths(answer.value).map(textOfLatin1) : [];
      // A directory with only ignored files is listed too, although git does not ignore it.
      const directories = await checkIgnore(found.filter((path) => path.endsWith('/')));
      const files = found.filter((path) => !path.endsWith('/') && !isEnvironmentFile(path));
      const now = new Set([...files, ...directories.map((path) => path.slice(0, -1))]);
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
