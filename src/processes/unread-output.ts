/** Finds out whether a process writes into a pipe that nobody reads any more, because its supervisor is gone. */
import { readFileSync } from 'node:fs';
import { allPids, readDescriptor, readDescriptors } from './descriptors.ts';

/**
 * Its stdout or stderr is such a pipe. Looks at the descriptors of every readable process, some 10 ms, so only for the few that
 * look like a service. A reader that runs as another user cannot be seen.
 */
export function hasUnreadOutput(pid: number): boolean {
  const pipes = new Set(
    [1, 2].map((fd) => readDescriptor(pid, fd)).filter((link) => link?.startsWith('pipe:[')),
  );
  if (pipes.size === 0) return false;
  for (const other of allPids()) {
    for (const { fd, link } of readDescriptors(other))
      if (pipes.has(link) && reads(other, fd)) pipes.delete(link);
  }
  return pipes.size > 0;
}

/** The access mode is the last octal digit but for its flags: 0 read, 1 write, 2 both. */
function reads(pid: number, fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & 3) !== 1;
  } catch {
    return false; // closed since
  }
}
