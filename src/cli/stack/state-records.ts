/** The records of a project that outlive a command: how it was started, what was intended, which content was applied. */
import { join } from 'node:path';
import { fieldsOf, isObject, isText } from '../../core/check.ts';
import type { Content } from '../../core/content.ts';
import type { Environment } from '../../core/environment.ts';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import type { RecordKind } from '../../io/records.ts';
import { readRecord, writeRecord } from '../../io/records.ts';
import { parseContent, serialiseContent } from '../../watch/content-id/serialise.ts';

/** How a person last started the stack: later restarts reuse it, whoever asks for them. */
export interface StartRecord {
  readonly schema: 1;
  readonly at: string;
  /** Command line of the server, for its names and flags; null: a plain start. */
  readonly argv: readonly string[] | null;
  readonly cwd: string;
  readonly env: Environment;
}

/** What the last verb was about to do. If it was cut off, the next verb that changes something finishes it. */
export interface IntentRecord {
  readonly schema: 1;
  readonly at: string;
  readonly verb: string;
  readonly desired: 'up' | 'down';
  readonly bootId: string;
  readonly outcome: 'begun' | 'done' | 'failed';
}

interface AppliedRecord {
  readonly schema: 1;
  /** The instance that runs this content; for any other, the content is unknown. */
  readonly instance: string;
  readonly content: string;
}

const startKind: RecordKind<StartRecord> = {
  schema: 1,
  check: (value): value is StartRecord => fieldsOf({ env: isObject, cwd: isText })(value),
};
const intentKind: RecordKind<IntentRecord> = {
  schema: 1,
  check: (value): value is IntentRecord => fieldsOf({ desired: isText, bootId: isText })(value),
};
const appliedKind: RecordKind<AppliedRecord> = {
  schema: 1,
  check: (value): value is AppliedRecord => fieldsOf({ instance: isText, content: isText })(value),
};

const at = (project: Project, name: string): string => join(project.stateDir, name);

export const readStart = (project: Project): Result<StartRecord | null> =>
  readRecord(at(project, 'start.json'), startKind);
export const writeStart = (project: Project, record: StartRecord): Result<void> =>
  writeRecord(at(project, 'start.json'), record);
export const readIntent = (project: Project): Result<IntentRecord | null> =>
  readRecord(at(project, 'intent.json'), intentKind);
/** Not synced to disk: only a crash of the machine loses the page cache, and another boot ignores this record. */
export const writeIntent = (project: Project, record: IntentRecord): Result<void> =>
  writeRecord(at(project, 'intent.json'), record, { synced: false });

/** The content that `instance` was started on; null: not known. */
export function readApplied(project: Project, instance: string): Result<Content | null> {
  const record = readRecord(at(project, 'applied.json'), appliedKind);
  if (!record.ok) return record;
  if (record.value?.instance !== instance) return { ok: true, value: null };
  return { ok: true, value: parseContent(record.value.content) };
}

/** The content that the last start of upkeep was on, whether that runs or not; null: none, or none that can be read. */
export function readLastApplied(project: Project): Content | null {
  const record = readRecord(at(project, 'applied.json'), appliedKind);
  return record.ok && record.value ? parseContent(record.value.content) : null;
}

export function writeApplied(project: Project, instance: string, content: Content): Result<void> {
  return writeRecord(at(project, 'applied.json'), {
    schema: 1,
    instance,
    content: serialiseContent(content),
  } as AppliedRecord);
}
