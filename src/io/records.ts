/** The door to our own JSON records: written atomically, and checked before they are trusted. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { discard } from './discard.ts';
import { makeStateDirectory } from './state-home.ts';
import { errorCode, unwritable } from './unwritable.ts';

/** Each record carries `schema`; a higher one was written by a newer upkeep and is left alone. */
export interface RecordKind<T> {
  readonly schema: number;
  /** true when the parsed value has the shape of T; what fails this is `corrupt`. */
  readonly check: (value: unknown) => value is T;
}

/** null: there is no such record. Fails with `record-invalid`; the file stays as it is. */
export function readRecord<T>(path: string, kind: RecordKind<T>): Result<T | null> {
  const invalid = (problem: 'corrupt' | 'empty' | 'newer', detail: string) =>
    fail({ reason: 'record-invalid', path, problem, detail });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? ok(null) : invalid('corrupt', String(error));
  }
  if (text.trim() === '') return invalid('empty', 'the file is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return invalid('corrupt', (error as Error).message);
  }
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'number' && schema > kind.schema) {
    return invalid('newer', `schema ${schema}, this upkeep knows ${kind.schema}`);
  }
  return schema === kind.schema && kind.check(value)
    ? ok(value)
    : invalid('corrupt', 'fields are missing or wrong');
}

/**
 * Atomic: a temporary file beside it, synced, renamed over it. Makes directories (0700) and the file (0600). `synced: false` for
 * what is only about live processes: a power failure may empty it, and nothing is lost. `state-unwritable`.
 */
export function writeRecord(
  path: string,
  value: { readonly schema: number },
  { synced = true }: { synced?: boolean } = {},
): Result<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    makeStateDirectory(dirname(path));
    write(temporary, JSON.stringify(value), synced);
    renameSync(temporary, path);
    return ok(undefined);
  } catch (error) {
    discard(temporary);
    return unwritable(path, error);
  }
}

/** On disk before the rename: a crash in between leaves the old record, not an empty one. */
function write(path: string, text: string, synced: boolean): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    // Not writeSync, which writes what there is room for and calls that a success.
    writeFileSync(fd, text);
    if (synced) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
