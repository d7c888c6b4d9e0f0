/** Parses what ps(1) prints: the rows of the process table. */
import type { ProcessRow } from '../../core/process.ts';
import type { PsRow } from './sessions.ts';
import { withSessions } from './sessions.ts';

/** The command comes last, because it may contain anything. No `sess`: macOS prints 0 there. */
export const columns = 'pid=,ppid=,pgid=,uid=,stat=,lstart=,tty=,command=';

const line =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+([A-Z]\S*)\s+([A-Z][a-z]{2}\s+[A-Z][a-z]{2}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(\S+)(?:\s(.*))?$/;

export const parseTable = (text: string): ProcessRow[] => withSessions(parsePs(text));

/**
 * A line that is not a row belongs to the command above it. A command may even contain a line that looks like a row: a pid
 * that occurs twice is left out, since it cannot be told which row is real.
 */
export function parsePs(text: string): PsRow[] {
  const rows = new Map<number, PsRow>();
  const twice = new Set<number>();
  let last = null as PsRow | null;
  for (const one of text.replace(/\n$/, '').split('\n')) {
    const row = parseRow(one);
    if (row && rows.has(row.pid)) twice.add(row.pid);
    if (row) last = row;
    else if (last) last = { ...last, command: `${last.command}\n${one}` };
    if (last) rows.set(last.pid, last);
  }
  return [...rows.values()].filter(({ pid }) => !twice.has(pid));
}

function parseRow(text: string): PsRow | null {
  const [, pid, parent, group, uid, stat = '', started = '', tty = '', command = ''] = line.exec(text) ?? [];
  const startTime = secondsOf(started);
  if (pid === undefined || startTime === null) return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    uid: Number(uid),
    // U is what Linux calls D: a sleep that no signal ends.
    state: stat.startsWith('U') ? 'D' : stat.slice(0, 1),
    leadsSession: stat.slice(1).includes('s'),
    startTime,
    // Which terminal it is does not matter.
    terminal: /^(?:\?+|-)$/.test(tty) ? 0 : 1,
    command: command.trim(),
  };
}

/** `Mon Nov  3 16:54:13 2026`, in UTC → seconds since the epoch, as text; null: no date. */
function secondsOf(started: string): string | null {
  const ms = Date.parse(`${started.replace(/\s+/g, ' ')} UTC`);
  return Number.isNaN(ms) ? null : String(ms / 1000);
}
