/** The door to the descriptors of processes: which sockets, pipes and files they hold open. */
import { readdirSync, readlinkSync } from 'node:fs';
import { otherSystem } from './other-system.ts';

export interface Descriptor {
  readonly fd: number;
  /** `socket:[INODE]`, `pipe:[INODE]`, `anon_inode:…`, or a path. */
  readonly link: string;
}

/** Empty when the process is gone, a zombie, or not readable for us. One readlink per descriptor. */
export function readDescriptors(pid: number): Descriptor[] {
  const found: Descriptor[] = [];
  for (const name of list(pid)) {
    const link = readDescriptor(pid, Number(name));
    if (link !== null) found.push({ fd: Number(name), link });
  }
  return found;
}

/** null: closed, gone, or not allowed. */
export function readDescriptor(pid: number, fd: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return null;
  }
}

/** Which of `pids` hold which of the socket inodes: a socket that was inherited has several holders. */
export function socketHolders(inodes: ReadonlySet<string>, pids: Iterable<number>): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  if (inodes.size === 0) return holders;
  for (const pid of pids) {
    for (const inode of socketInodes(pid)) {
      if (!inodes.has(inode)) continue;
      const known = holders.get(inode);
      if (known) known.push(pid);
      else holders.set(inode, [pid]);
    }
  }
  return holders;
}

/** The inodes of its sockets, each once. */
export function socketInodes(pid: number): Set<string> {
  if (otherSystem) return otherSystem.socketsOf(pid);
  const inodes = new Set<string>();
  for (const { link } of readDescriptors(pid)) {
    if (link.startsWith('socket:[')) inodes.add(link.slice('socket:['.length, -1));
  }
  return inodes;
}

/** Every pid there is, for a search that cannot be narrowed. */
export const allPids = (): number[] =>
  otherSystem?.readTable().map(({ pid }) => pid) ??
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));

function list(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}
