/** A pid file, devenv's way: what it names, and how it goes when that is a lie; pids come round again, files stay. */
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { isDead } from '../core/process.ts';
import { discard } from '../io/discard.ts';
import { readRegularText } from '../io/read-regular.ts';
import { runningForMs } from '../processes/since.ts';
import { readRow } from '../processes/table.ts';

/** File times and process times come from two clocks, and a clock may be set. */
const clockMs = 1_000;

/**
 * Removes the file unless the process that it names lives. A live one that is younger than the file only has got the same pid:
 * then the file goes if it named one of `stopped`, for what it says would end a stranger. Without `stopped` nothing was ended,
 * so nothing is judged. Idempotent; no pid file is no error.
 */
export function removePidFile(path: string, stopped: readonly number[]): void {
  const said = textOf(path);
  const pid = /^\s*(\d+)\s*$/.exec(said ?? '')?.[1];
  if (said === null || pid === undefined || stopped.length === 0) return;
  const named = Number(pid);
  const isLie = lives(named) ? stopped.includes(named) && isYounger(named, path) : named > 0;
  if (isLie) removeWhile(path, said);
}

/**
 * Removes the file if it still says that: it is moved aside first, so what is written to its place meanwhile stays, and what was
 * written into it is put back. Never throws.
 */
export function removeWhile(path: string, said: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    // Not a rename: a newer one may have its place by now.
    if (textOf(aside) !== said) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    discard(aside);
  }
}

function textOf(path: string): string | null {
  try {
    return readRegularText(path);
  } catch {
    return null;
  }
}

function lives(pid: number): boolean {
  const row = readRow(pid);
  return row !== null && !isDead(row);
}

function isYounger(pid: number, path: string): boolean {
  const row = readRow(pid);
  const ageMs = row && runningForMs(row.startTime);
  const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return ageMs !== null && writtenMs !== undefined && Date.now() - ageMs > writtenMs + clockMs;
}
