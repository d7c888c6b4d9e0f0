/** `.devenv/processes.pid`: how `devenv processes down` finds what runs. Written at a start, removed when it is a lie. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dotfileOf, readText } from './places.ts';

export const pidFileOf = (root: string): string => join(dotfileOf(root), 'processes.pid');
export const logFileOf = (root: string): string => join(dotfileOf(root), 'processes.log');

/** Only if it names one of `stopped`: a pid that somebody else wrote there meanwhile is his. Idempotent. */
export function removePidFile(root: string, stopped: readonly number[]): void {
  const path = pidFileOf(root);
  const pid = Number(readText(path)?.trim() || Number.NaN);
  if (stopped.includes(pid)) rmSync(path, { force: true });
}
