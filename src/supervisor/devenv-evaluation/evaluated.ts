/** What was evaluated last by us, and from which files: written down so that nobody has to ask devenv again. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordKind } from '../../io/records.ts';
import { readRecord, writeRecord } from '../../io/records.ts';
import { digestInput } from '../input-digests.ts';

export interface EvaluatedInput {
  readonly path: string;
  /** As in input-digests: sha256, or `absent`. */
  readonly digest: string;
  /** The mtime cut to seconds: what devenv's cache compares. null: absent. */
  readonly mtimeS: number | null;
}

/** The inputs as they were at the beginning of an evaluation. */
export interface SeenWhile {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly inputs: readonly EvaluatedInput[];
}

export interface Evaluated extends SeenWhile {
  readonly schema: 1;
  /** Store path behind `.devenv/gc/shell`. */
  readonly shell: string;
  /** Absent: process-compose. */
  readonly manager?: 'native';
  /** Store path of the script that starts the processes; of the task file, for the native manager. */
  readonly script: string;
  /** `DEVENV_TASK_FILE` of the services; null: the release has no tasks. */
  readonly taskFile: string | null;
  /** Starts what was validated without evaluating anything: see keep-launcher.ts. */
  readonly launcher: string;
  /** `DEVENV_RUNTIME`, below which the native manager listens. */
  readonly runtime?: string;
  /** sha256 of the environment it was evaluated in. */
  readonly env: string;
}

const kind: RecordKind<Evaluated> = {
  schema: 1,
  check: (value): value is Evaluated => {
    const record = value as Partial<Record<keyof Evaluated, unknown>> | null;
    const texts = [record?.shell, record?.script, record?.launcher, record?.env];
    return texts.every((text) => typeof text === 'string') && Array.isArray(record?.inputs);
  },
};

const pathOf = (stateDir: string): string => join(stateDir, 'evaluated.json');

/** null: nothing, or nothing that can be believed. It is a cache: losing it costs an evaluation. */
export function readEvaluated(stateDir: string): Evaluated | null {
  const read = readRecord(pathOf(stateDir), kind);
  return read.ok ? read.value : null;
}

export const writeEvaluated = (stateDir: string, evaluated: Evaluated): void =>
  void writeRecord(pathOf(stateDir), evaluated);

export const seeInputs = (paths: readonly string[]): readonly EvaluatedInput[] =>
  paths.map((path) => ({ path, digest: digestInput(path), mtimeS: mtimeOf(path) }));

function mtimeOf(path: string): number | null {
  try {
    return Math.floor(statSync(path).mtimeMs / 1000);
  } catch {
    return null; // not there, a link to itself, not ours to look at
  }
}

/** Every input is what it was, and there is none that was not asked for. */
export function isOf(evaluated: Evaluated, inputs: readonly string[]): boolean {
  const known = new Map(evaluated.inputs.map(({ path, digest }) => [path, digest]));
  const all = new Set([...known.keys(), ...inputs]);
  return [...all].every((path) => (known.get(path) ?? 'absent') === digestInput(path));
}

/** What it names is still there: the store may have been collected. */
export const isWhole = ({ shell, script, launcher }: Evaluated): boolean =>
  [shell, script, launcher].every((path) => existsSync(path));

/** Written before an evaluation begins: one that is cut off may have filled devenv's cache all the same. */
export const writeAttempt = (stateDir: string, seen: Omit<SeenWhile, 'endedMs'>): void =>
  void writeRecord(attemptPath(stateDir), { schema: 1, ...seen }, { synced: false });

export function readAttempt(stateDir: string): Omit<SeenWhile, 'endedMs'> | null {
  const read = readRecord(attemptPath(stateDir), attemptKind);
  return read.ok ? read.value : null;
}

interface Attempt extends Omit<SeenWhile, 'endedMs'> {
  readonly schema: 1;
}

const attemptKind: RecordKind<Attempt> = {
  schema: 1,
  check: (value): value is Attempt => {
    const record = value as Partial<Record<keyof Attempt, unknown>> | null;
    return typeof record?.beganMs === 'number' && Array.isArray(record.inputs);
  },
};

const attemptPath = (stateDir: string): string => join(stateDir, 'evaluating.json');

/** Only times are left to tell, where somebody else evaluated. */
export function isNewer(inputs: readonly string[], thanMs: number): boolean {
  const thanS = Math.floor(thanMs / 1000);
  return seeInputs(inputs).some(({ mtimeS }) => mtimeS !== null && mtimeS > thanS);
}
