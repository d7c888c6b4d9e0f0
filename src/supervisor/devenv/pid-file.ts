/** `.devenv/processes.pid`: how `devenv processes down` finds what runs. Written at a start, removed when it is a lie. */
import { join } from 'node:path';
import { dotfilesOf } from '../devenv-evaluation/places.ts';
import { removePidFile } from '../pid-file.ts';

export const pidFileIn = (dotfile: string): string => join(dotfile, 'processes.pid');
export const logFileIn = (dotfile: string): string => join(dotfile, 'processes.log');

/**
 * Before 1.10 each further `devenv up -d` writes the pid of a client there that dies at once: what names nobody goes with a
 * stop, too. A live one that somebody else wrote there meanwhile is his. Idempotent.
 */
export function removePidFiles(root: string, stopped: readonly number[]): void {
  for (const dotfile of dotfilesOf(root)) removePidFile(pidFileIn(dotfile), stopped);
}
