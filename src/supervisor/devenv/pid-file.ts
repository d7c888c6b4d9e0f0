/** `.devenv/processes.pid`: how `devenv processes down` finds what runs. Written at a start, removed when it is a lie. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDead } from '../../core/process.ts';
import { readRow } from '../../processes/table.ts';
import { dotfilesOf, readText } from '../devenv-evaluation/places.ts';

export const pidFileIn = (dotfile: string): string => join(dotfile, 'processes.pid');
export const logFileIn = (dotfile: string): string => join(dotfile, 'processes.log');

/**
 * Only if it names one of `stopped`, or nobody any more: before 1.10 each further `devenv up -d` writes the pid of a client there
 * that dies at once. A live one that somebody else wrote there meanwhile is his. Idempotent.
 */
export function removePidFile(root: string, stopped: readonly number[]): void {
  for (const path of dotfilesOf(root).map(pidFileIn)) {
    const pid = Number(readText(path)?.trim() || Number.NaN);
    const namesNobody = stopped.length > 0 && pid > 0 && !lives(pid);
    if (stopped.includes(pid) || namesNobody) rmSync(path, { force: true });
  }
}

function lives(pid: number): boolean {
  const row = readRow(pid);
  return row !== null && !isDead(row);
}
