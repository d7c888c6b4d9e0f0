/** The event stream of the watcher on disk: what a second `watch` and `why` show. */
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpkeepEvent } from '../../core/event.ts';
import { appendLine } from '../../io/append-line.ts';
import { makeStateDirectory } from '../../io/state-home.ts';
import type { Stack } from '../stack/open-stack.ts';

const rotateAtBytes = 2 * 1024 * 1024;

export const journalPath = (stack: Stack): string => join(stack.project.stateDir, 'events.jsonl');

export type JournalEntry = UpkeepEvent & { readonly t: string };

/** Appends events; a journal that cannot be written is no reason to stop watching. */
export function openJournal(stack: Stack): (entry: object) => void {
  const path = journalPath(stack);
  try {
    makeStateDirectory(stack.project.stateDir);
    if (existsSync(path) && statSync(path).size > rotateAtBytes) renameSync(path, `${path}.1`);
  } catch {
    return () => undefined;
  }
  return (entry) => {
    try {
      appendLine(path, entry);
    } catch {
      // the disk is full or the state directory is gone; the terminal still shows the event
    }
  };
}

/** null: a line that was cut off, or written by a release that knew other events. */
export function parseEntry(line: string): JournalEntry | null {
  if (line === '') return null;
  try {
    const value = JSON.parse(line) as Partial<JournalEntry> | null;
    return typeof value?.t === 'string' && typeof value.event === 'string' ? (value as JournalEntry) : null;
  } catch {
    return null;
  }
}

const followEveryMs = 200;

/** What another watcher appends from this call on, while `isRunning()` and until `signal`. */
export function followJournal(
  stack: Stack,
  signal: AbortSignal,
  isRunning: () => boolean,
): AsyncGenerator<JournalEntry> {
  const path = journalPath(stack);
  // Now, not when the first entry is asked for.
  const from = existsSync(path) ? statSync(path).size : 0;
  return follow(path, from, signal, isRunning);
}

async function* follow(
  path: string,
  from: number,
  signal: AbortSignal,
  isRunning: () => boolean,
): AsyncGenerator<JournalEntry> {
  let at = from;
  while (!signal.aborted) {
    // Asked before the read: what it said last, on its way out, is read then.
    const runs = isRunning();
    const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    if (text.length < at) at = 0; // rotated
    const end = text.lastIndexOf(0x0a) + 1;
    for (const line of text.subarray(at, Math.max(at, end)).toString('utf8').split('\n')) {
      const entry = parseEntry(line);
      if (entry) yield entry;
    }
    at = Math.max(at, end);
    if (!runs) return;
    await sleep(followEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
