/** The door to what a process carries: its marker, its canary, its directory and program; null wherever we may not look. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessEvidence } from '../core/process.ts';
import type { Marker } from '../core/project.ts';
import { markerName, parseMarker } from '../core/project.ts';
import { canaryFd } from '../io/launch.ts';
import { otherSystem } from './other-system.ts';

/** The file that every process of an instance holds open; dev and ino identify it even when it was unlinked. */
export interface Canary {
  /** The instance's uuid. */
  readonly id: string;
  readonly dev: number;
  readonly ino: number;
}

/** The evidence that is inherited. Two reads, for every process of our uid in every look. */
export type Marks = Pick<ProcessEvidence, 'marker' | 'canary' | 'service'>;

/** @param key finds canaries of this project that no record mentions: their path names key and uuid. */
export function readMarks(pid: number, canaries: readonly Canary[], key?: string): Marks {
  if (otherSystem) return marksOf(otherSystem.readVariables(pid) ?? {});
  const environment = readText(`/proc/${pid}/environ`) ?? '';
  const marker = parseMarker(valueOf(environment, markerName) ?? '');
  const service = valueOf(environment, 'PC_PROC_NAME');
  return { marker, canary: readCanary(pid, canaries, key), service: service || serviceByLog(pid) };
}

/** Without a canary: lsof shows no device and inode that would identify an unlinked file. */
const marksOf = (variables: Record<string, string>): Marks => ({
  marker: parseMarker(variables[markerName] ?? ''),
  canary: null,
  service: variables['PC_PROC_NAME'] || null,
});

/** devenv's native manager does not name the service in the environment, but gives each a log file of its name. */
export function serviceByLog(pid: number): string | null {
  for (const fd of [1, 2]) {
    const log = readLink(`/proc/${pid}/fd/${fd}`);
    const name = /\/devenv-[0-9a-f]{7}\/processes\/logs\/(.+)\.std(?:out|err)\.log$/.exec(log ?? '')?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

/** The *initial* environment: without what the process set later, and overwritten by setproctitle. null: not readable. */
export function readEnvironment(pid: number): Record<string, string> | null {
  const text = readText(`/proc/${pid}/environ`);
  if (text === null) return null;
  const environment: Record<string, string> = {};
  for (const pair of text.split('\0')) {
    const equals = pair.indexOf('=', 1);
    // The first of two equal names is the one that getenv finds.
    if (equals > 0) environment[pair.slice(0, equals)] ??= pair.slice(equals + 1);
  }
  return environment;
}

/** For single variables of process-compose: on macOS only those are known, not the whole environment. */
export const readVariables = (pid: number): Record<string, string> | null =>
  otherSystem ? otherSystem.readVariables(pid) : readEnvironment(pid);

/** null: gone; empty: a kernel thread or a zombie. On macOS an argument with spaces counts as several. */
export function readArgv(pid: number): string[] | null {
  if (otherSystem) return otherSystem.readRow(pid)?.command.split(' ') ?? null;
  const text = readText(`/proc/${pid}/cmdline`);
  if (text === null) return null;
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** Absolute and resolved; ends in ` (deleted)` when the directory is gone. */
export const readCwd = (pid: number): string | null =>
  otherSystem ? otherSystem.readCwd(pid) : readLink(`/proc/${pid}/cwd`);

/** Absolute and resolved; ends in ` (deleted)` when the file was replaced. */
export const readExe = (pid: number): string | null =>
  otherSystem ? otherSystem.readExe(pid) : readLink(`/proc/${pid}/exe`);

function readCanary(pid: number, canaries: readonly Canary[], key: string | undefined): string | null {
  const path = `/proc/${pid}/fd/${canaryFd}`;
  try {
    const held = statSync(path, { throwIfNoEntry: false });
    if (!held?.isFile()) return null;
    const known = canaries.find((canary) => canary.ino === held.ino && canary.dev === held.dev);
    if (known) return known.id;
    const named = key === undefined ? null : canaryMarker(readlinkSync(path));
    return named?.key === key ? (named?.uuid ?? null) : null;
  } catch {
    return null; // gone, or not readable for us
  }
}

/** The path outlives the file, so orphans are found even after `git clean` removed the records. */
function canaryMarker(path: string): Marker | null {
  const match = /\/upkeep\/([0-9a-f]{16})\/instances\/([0-9a-f-]{36})\.canary(?: \(deleted\))?$/.exec(path);
  return match ? parseMarker(`${match[1]}.${match[2]}`) : null;
}

function valueOf(environment: string, name: string): string | null {
  const found = environment.startsWith(`${name}=`) ? -1 : environment.indexOf(`\0${name}=`);
  if (found < 0 && !environment.startsWith(`${name}=`)) return null;
  const from = found + 1 + name.length + 1;
  const to = environment.indexOf('\0', from);
  return environment.slice(from, to < 0 ? undefined : to);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
