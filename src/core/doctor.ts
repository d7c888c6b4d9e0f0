/** The document of `doctor`: what was checked, the outcome, and the next move. */

/** `note`: worth knowing, and nothing is wrong. */
export type CheckState = 'ok' | 'note' | 'problem';

export interface Check {
  readonly name: string;
  readonly is: CheckState;
  /** One line; more lines follow a failure. */
  readonly what: string;
  /** What helps; always there for a problem. */
  readonly next: string | null;
}

export interface DoctorReport {
  readonly schema: 1;
  /** null: there is no project here. */
  readonly root: string | null;
  /** No check found a problem. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

export interface InotifyFacts {
  /** Of this user, in all his programs. */
  readonly used: { readonly watches: number; readonly instances: number };
  readonly limits: { readonly watches: number; readonly instances: number };
  /** What a watcher of this project takes, unless one runs already: one watch a directory. */
  readonly directories: number;
}

/** The rest is kept free for what else the user starts: an editor takes thousands of watches. */
const share = 0.9;

/** Decides whether a watcher would find room. */
export function judgeInotify({
  used,
  limits,
  directories,
}: InotifyFacts): Pick<Check, 'is' | 'what' | 'next'> {
  const needed = used.watches + directories;
  const what = `${directories} directories to watch; ${used.watches} of ${limits.watches} watches and ${used.instances} of ${limits.instances} instances are taken`;
  const raise = (name: string, to: number): string => `raise the limit: sudo sysctl fs.inotify.${name}=${to}`;
  if (needed > limits.watches * share)
    return { is: 'problem', what, next: raise('max_user_watches', Math.max(524_288, 2 * needed)) };
  if (used.instances + 1 > limits.instances * share)
    return { is: 'problem', what, next: raise('max_user_instances', Math.max(1_024, 2 * limits.instances)) };
  return { is: 'ok', what, next: null };
}

/** `24.21.0` ≥ `22.22`: both dotted numbers, missing parts are zero. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string): number[] => text.replace(/^v/, '').split('.').map(Number);
  const [have, need] = [numbers(version), numbers(wanted)];
  for (let at = 0; at < Math.max(have.length, need.length); at += 1) {
    const difference = (have[at] ?? 0) - (need[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
