/** Decides whether a process still runs the file at its program's path, or a build has replaced it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readExe } from './evidence.ts';

export interface ReplacedProgram {
  /** Absolute, where it was. */
  readonly path: string;
  readonly is: 'replaced' | 'deleted';
}

const gone = / \(deleted\)$/;

/**
 * null: it is the same file, or it cannot be told. Compares device and inode, so both a rename over it and a deletion are seen.
 * If the old file was moved away first, the kernel knows it by its new name, and this does not notice.
 */
export function replacedProgram(pid: number): ReplacedProgram | null {
  const exe = readExe(pid);
  if (exe === null) return null;
  const path = exe.replace(gone, '');
  const there = statSync(path, { throwIfNoEntry: false });
  if (exe !== path) return { path, is: there ? 'replaced' : 'deleted' };
  const running = statSync(`/proc/${pid}/exe`, { throwIfNoEntry: false });
  // No such path, and not deleted: another mount namespace, a container.
  if (!there || !running) return null;
  return there.ino === running.ino && there.dev === running.dev ? null : { path, is: 'replaced' };
}

/** Children of `pid`, and theirs, by the kernel's own list: microseconds where a look at every process costs milliseconds. */
export function descendants(pid: number): number[] {
  const found: number[] = [];
  collect(pid, found);
  for (let at = 0; at < found.length && at < limit; at += 1) collect(found[at] ?? 0, found);
  return found;
}

/** Its direct children alone. */
export function childrenOf(pid: number): number[] {
  const found: number[] = [];
  collect(pid, found);
  return found;
}

/** false: it is gone, or the kernel keeps no such list, and "no child" means nothing. */
export const listsChildren = (pid: number): boolean => existsSync(`/proc/${pid}/task/${pid}/children`);

/** More than any service has; ends the walk even if pids are reused meanwhile. */
const limit = 10_000;

function collect(parent: number, into: number[]): void {
  try {
    for (const thread of readdirSync(`/proc/${parent}/task`)) {
      const children = readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8');
      into.push(...children.split(' ').filter(Boolean).map(Number));
    }
  } catch {
    // Gone, or a kernel without the list.
  }
}
