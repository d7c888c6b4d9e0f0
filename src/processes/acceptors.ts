/** Finds out whether a process accepts connections on a listening socket, from where its threads sleep, without connecting. */
import { readdirSync, readFileSync } from 'node:fs';
import { readDescriptors } from './descriptors.ts';

/** What one look at a holder of a listening socket found. */
export interface AcceptSigns {
  /** One of its epoll instances watches the socket. */
  readonly epoll: boolean;
  /** It has an io_uring, and it cannot be seen what that waits for. */
  readonly uring: boolean;
  /** Where in the kernel its threads sleep; `0`: running, or unknown. Empty: we may not look. */
  readonly waits: readonly string[];
}

/** true: it accepts. false: none of its threads sleeps where it could. null: unknown. */
export function acceptsBy(signs: AcceptSigns): boolean | null {
  if (signs.epoll || signs.waits.some((wait) => wait.includes('accept'))) return true;
  if (signs.uring || signs.waits.length === 0) return null;
  // A thread in epoll_wait that does not watch this socket waits for something else; poll and select do not show for what.
  const open = signs.waits.some(
    (wait) => wait === '0' || wait === '' || /select|(?<!e)poll(?!_wait)/.test(wait),
  );
  return open ? null : false;
}

export const accepts = (pid: number, inode: string): boolean | null => acceptsBy(readSigns(pid, inode));

function readSigns(pid: number, inode: string): AcceptSigns {
  const descriptors = readDescriptors(pid);
  const hex = Number(inode).toString(16);
  const watches = new RegExp(`\\bino:${hex}\\b`);
  const polls = descriptors.filter(({ link }) => link === 'anon_inode:[eventpoll]');
  const epoll = polls.some(({ fd }) => watches.test(readText(`/proc/${pid}/fdinfo/${fd}`)));
  const uring = descriptors.some(({ link }) => link === 'anon_inode:[io_uring]');
  const waits = threads(pid).map((thread) => readText(`/proc/${pid}/task/${thread}/wchan`).trim());
  return { epoll, uring, waits: descriptors.length === 0 ? [] : waits };
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
