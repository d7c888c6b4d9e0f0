/** The door to the records of instances, `STATE/instances/UUID.json`: what was ours, so that orphans are found after any crash. */
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { discard } from '../io/discard.ts';
import { readRecord, writeRecord } from '../io/records.ts';
import { makeStateDirectory } from '../io/state-home.ts';
import { unwritable } from '../io/unwritable.ts';
import { bootId } from './boot.ts';
import type { InstanceRecord } from './record.ts';
import { isInstanceRecord } from './record.ts';

export type { InstanceRecord } from './record.ts';

/**
 * Every record that may be acted on, oldest first, and what is wrong with the others. Records of another boot, corrupt, empty
 * or newer ones are problems: never acted on, and never deleted here.
 */
export function listRecords(stateDir: string): { records: InstanceRecord[]; problems: Failure[] } {
  const records: InstanceRecord[] = [];
  const problems: Failure[] = [];
  for (const name of recordNames(stateDir)) {
    const path = join(stateDir, 'instances', name);
    const read = readRecord(path, { schema: 1, check: isInstanceRecord });
    if (!read.ok) problems.push(read.failure);
    else if (read.value && `${read.value.id}.json` !== name) problems.push(misnamed(path, read.value.id));
    else if (read.value && read.value.bootId !== bootId())
      problems.push(otherBoot(path, read.value.startedAt));
    else if (read.value) records.push(read.value);
  }
  records.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  return { records, problems };
}

/**
 * Atomic; replaces the instance's earlier record. Not synced to disk: only a crash of the machine loses the page cache, and
 * another boot ignores this record.
 */
export const writeInstance = (stateDir: string, record: InstanceRecord): Result<void> =>
  writeRecord(recordPath(stateDir, record.id), record, { synced: false });

/** Idempotent. Only for an instance that is verified to be gone: its record is what finds its orphans. */
export function removeInstance(stateDir: string, id: string): void {
  discard(recordPath(stateDir, id));
  discard(canaryPath(stateDir, id));
}

/** Makes the file that the processes of instance `id` will hold open. Idempotent. */
export function createCanary(
  stateDir: string,
  id: string,
): Result<{ readonly path: string; readonly dev: number; readonly ino: number }> {
  const path = canaryPath(stateDir, id);
  try {
    makeStateDirectory(join(stateDir, 'instances'));
    const fd = openSync(path, 'a', 0o600);
    const { dev, ino } = fstatSync(fd);
    closeSync(fd);
    return ok({ path, dev, ino });
  } catch (error) {
    return unwritable(path, error);
  }
}

const recordPath = (stateDir: string, id: string): string => join(stateDir, 'instances', `${id}.json`);
const canaryPath = (stateDir: string, id: string): string => join(stateDir, 'instances', `${id}.canary`);

function recordNames(stateDir: string): string[] {
  try {
    return readdirSync(join(stateDir, 'instances')).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

const misnamed = (path: string, id: string): Failure => ({
  reason: 'record-invalid',
  path,
  problem: 'corrupt',
  detail: `the file holds the record of ${id}`,
});

const otherBoot = (path: string, startedAt: string): Failure => ({
  reason: 'record-invalid',
  path,
  problem: 'foreign-boot',
  detail: `written before the last boot, at ${startedAt}`,
});
