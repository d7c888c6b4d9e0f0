/** Decides whether another upkeep is in the middle of a verb on this project. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDead } from '../../core/process.ts';
import { readRow } from '../../processes/table.ts';
import type { Stack } from './open-stack.ts';
import { readIntent } from './state-records.ts';

/** From the records alone: asking flock costs a process. The intent of a process that died does not count. */
export function isBusyElsewhere(stack: Stack): boolean {
  const intent = readIntent(stack.project);
  if (!intent.ok || intent.value?.outcome !== 'begun') return false;
  const pid = holderPid(join(stack.project.stateDir, 'lock'));
  if (pid === null || pid === process.pid) return false;
  const row = readRow(pid);
  return row !== null && !isDead(row);
}

/** Names the last beginning or end of a verb: another answer than before says that somebody was at work in between. */
export function lastWork(stack: Stack): string {
  const intent = readIntent(stack.project);
  if (!intent.ok || intent.value === null) return '';
  const { verb, at, outcome } = intent.value;
  return `${verb} ${at} ${outcome}`;
}

function holderPid(path: string): number | null {
  try {
    const text = /\(pid (\d+)\)/.exec(readFileSync(path, 'utf8'))?.[1];
    return text === undefined ? null : Number(text);
  } catch {
    return null; // never locked
  }
}
