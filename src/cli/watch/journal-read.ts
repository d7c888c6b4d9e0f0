/** Reads the end of the journal, for `why`: what happened recently, oldest first. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Stack } from '../stack/open-stack.ts';
import type { JournalEntry } from './journal.ts';
import { journalPath, parseEntry } from './journal.ts';

const tailBytes = 256 * 1024;

/** Lines that are no entries are left out. Empty without a journal. */
export function recentEvents(stack: Stack): JournalEntry[] {
  const path = journalPath(stack);
  const lines = `${tail(`${path}.1`)}\n${tail(path)}`.split('\n');
  return lines.flatMap((line) => parseEntry(line) ?? []);
}

function tail(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(fd);
  }
}
