/** Notices when git starts and stops changing the work tree: index.lock exists before the first file changes. */
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { basename, join } from 'node:path';
import type { GitActivity } from './git-busy.ts';
import { gitActivity, steps } from './git-busy.ts';
import { peek } from './peek.ts';

export interface GitWatch extends Disposable {
  /** Looks now, whatever the events say, and renews the watch in case the directory was replaced. */
  check(): void;
}

const interesting = new Set(['index.lock', 'COMMIT_EDITMSG', ...steps]);

/** `gitDir`: the per-work-tree one. `onGit` is called at each change, and at first if git is already busy. */
export function watchGit(gitDir: string, onGit: (activity: GitActivity) => void): GitWatch {
  let watcher: FSWatcher | null = null;
  let last: GitActivity = { busy: false, because: '', lock: false };

  const attach = (): void => {
    watcher?.close();
    watcher = null;
    try {
      watcher = watch(gitDir);
    } catch {
      return; // gone, or out of watches: the regular looks find what changes
    }
    watcher.on('error', () => attach());
    watcher.on('change', (_, name) => {
      if (name === null || name === basename(gitDir)) check();
      else if (interesting.has(String(name))) report();
    });
  };
  const report = (): void => {
    const now = gitActivity(factsOf(gitDir));
    const same = now.busy === last.busy && now.because === last.because;
    const silent = !now.busy && !last.busy;
    last = now;
    if (!same && !silent) onGit(now);
  };
  const check = (): void => {
    attach();
    report();
  };

  check();
  return { check, [Symbol.dispose]: () => watcher?.close() };
}

function factsOf(gitDir: string) {
  return {
    lockedMs: peek(join(gitDir, 'index.lock'))?.mtimeMs ?? null,
    messageMs: peek(join(gitDir, 'COMMIT_EDITMSG'))?.mtimeMs ?? null,
    steps: steps.filter((name) => peek(join(gitDir, name)) !== null),
  };
}
