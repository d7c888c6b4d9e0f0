/** The door to the process table: /proc/PID/stat, its owner, its command line; nothing else is read here. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ProcessId, ProcessRow } from '../core/process.ts';
import { isDead, isSameProcess } from '../core/process.ts';
import { otherSystem } from './other-system.ts';

/** Every process, including zombies. About 25 µs per process; not a snapshot, since reading takes time. */
export function readTable(): ProcessRow[] {
  if (otherSystem) return otherSystem.readTable();
  const rows: ProcessRow[] = [];
  for (const name of readdirSync('/proc')) {
    const first = name.charCodeAt(0);
    if (first < 49 || first > 57) continue; // not 1…9: no pid
    const row = readRow(Number(name));
    if (row) rows.push(row);
  }
  return rows;
}

/** null: there is no such process. */
export function readRow(pid: number): ProcessRow | null {
  if (otherSystem) return otherSystem.readRow(pid);
  const stat = readStat(pid);
  const uid = readUid(pid);
  if (!stat || uid === null) return null;
  const { comm, kernel, ...fields } = stat;
  return { pid, ...fields, uid, command: (kernel ? '' : readCommand(pid)) || `[${comm}]` };
}

/** The process lives: same pid, same start time, not a zombie. One small read, for polling. */
export function isAlive(id: ProcessId): boolean {
  const stat = readStat(id.pid);
  return stat !== null && stat.startTime === id.startTime && !isDead(stat);
}

/** `row` is the process `id`, or a descendant of it. Reads one row per generation. */
export function descendsFrom(row: ProcessRow, id: ProcessId): boolean {
  for (let at: ProcessRow | null = row; at && at.pid > 1; at = readRow(at.parent)) {
    if (isSameProcess(at, id)) return true;
  }
  return false;
}

/** The newest pid or thread id on this machine: as long as it stays, nobody has forked. null: not known. */
export function newestPid(): string | null {
  try {
    return readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1) ?? null;
  } catch {
    return null;
  }
}

/** The effective uid; 0 for a process that does not allow it to be read, which then counts as somebody else's. */
export function readUid(pid: number): number | null {
  if (otherSystem) return otherSystem.readAlone(pid)?.uid ?? null;
  try {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
  } catch {
    return null;
  }
}

type Stat = Pick<ProcessRow, 'state' | 'parent' | 'group' | 'session' | 'terminal' | 'startTime'> & {
  readonly comm: string;
  readonly kernel: boolean;
};

const kernelThread = 0x0020_0000;

/** The fields of /proc/PID/stat that name and place a process. */
export function readStat(pid: number): Stat | null {
  if (otherSystem) return statOf(otherSystem.readAlone(pid));
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // gone
  }
  return parseStat(text);
}

const statOf = (row: ProcessRow | null): Stat | null => row && { ...row, comm: '', kernel: false };

/** The name in parentheses may hold spaces and parentheses of its own: the fields start after the last one. */
export function parseStat(text: string): Stat | null {
  const close = text.lastIndexOf(')');
  const [state, parent, group, session, terminal, , flags, ...rest] = text.slice(close + 2).split(' ', 20);
  const [threads, , startTime] = rest.slice(10);
  if (close < 0 || state === undefined || startTime === undefined) return null;
  return {
    comm: text.slice(text.indexOf('(') + 1, close),
    state: state === 'Z' && Number(threads) > 1 ? 'z' : state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    terminal: Number(terminal),
    kernel: (Number(flags) & kernelThread) !== 0,
    startTime,
  };
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
