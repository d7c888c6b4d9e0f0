/** Decides whether git is in the middle of changing the work tree. */

/** What lies in the git directory; times in ms since the epoch. */
export interface GitFacts {
  /** When index.lock was taken; null: it is free. */
  readonly lockedMs: number | null;
  /** When COMMIT_EDITMSG was last written; null: never. */
  readonly messageMs: number | null;
  /** The names of the steps under way: rebase-merge, MERGE_HEAD … */
  readonly steps: readonly string[];
}

export type GitActivity =
  | { readonly busy: false; readonly because: string; readonly lock: false }
  /** `lock`: it is index.lock; else a rebase or merge step. */
  | { readonly busy: true; readonly because: string; readonly lock: boolean };

/** Not bisect: between its steps the tree is at rest, and that is when people run the stack. */
export const steps = [
  'rebase-merge',
  'rebase-apply',
  'sequencer',
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
];

/**
 * A lock means busy, unless it is held while a message is edited: `git commit -a` keeps it for minutes without touching the tree.
 * How long the watcher waits is decided by the controller.
 */
export function gitActivity({ lockedMs, messageMs, steps: under }: GitFacts): GitActivity {
  const atEditor = lockedMs !== null && messageMs !== null && messageMs >= lockedMs;
  if (lockedMs !== null && !atEditor) return { busy: true, because: 'index.lock', lock: true };
  const [step] = under;
  // A message being written during a merge is the end of it: the tree is at rest.
  if (step && !atEditor) return { busy: true, because: step, lock: false };
  return { busy: false, because: atEditor ? 'an editor session holds index.lock' : '', lock: false };
}
