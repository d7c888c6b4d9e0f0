/** `.devenv/processes.pid`: how `devenv processes down` finds what runs. Written at a start, removed when it is a lie. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dotfilesOf, readText } from './places.ts';

export const pidFileIn = (dotfile: string): string => join(dotfile, 'processes.pid');
export const logFileIn = (dotfile: string): string => join(dotfile, 'processes.log');

/** Only if it names one of `stopped`: a pid that somebody else wrote there meanwhile is his. Idempotent. */
export function removePidFile(root: string, stopped: readonly number[]): void {
  for (const path of dotfilesOf(root).map(pidFileIn)) {
    const pid = Number(readText(path)?.trim() || Number.NaN);
    if (stopped.includes(pid)) rmSync(path, { force: true });
  }
}
