/** What the watcher of this project is doing, as it recorded it; one that died is `off`. */
import { join } from 'node:path';
import { fieldsOf, isNumber, isText } from '../../core/check.ts';
import type { StatusReport, WatchReport } from '../../core/status.ts';
import type { RecordKind } from '../../io/records.ts';
import { readRecord, writeRecord } from '../../io/records.ts';
import { isAlive } from '../../processes/table.ts';
import type { Stack } from './open-stack.ts';

export interface WatchRecord extends Omit<WatchReport, 'running'> {
  readonly schema: 1;
  readonly pid: number;
  readonly startTime: string;
  /** Files of the tree, relative to the root, to which its own output goes. */
  readonly outputs: readonly string[];
}

const kind: RecordKind<WatchRecord> = {
  schema: 1,
  check: (value): value is WatchRecord =>
    fieldsOf({ pid: isNumber, startTime: isText, state: isText })(value),
};

const off: WatchReport = {
  running: false,
  pid: null,
  state: 'off',
  engine: null,
  degraded: null,
  last: null,
};

const path = (stack: Stack): string => join(stack.project.stateDir, 'watch.json');

export function watchReport(stack: Stack): StatusReport['watch'] {
  const read = readRecord(path(stack), kind);
  if (!read.ok || read.value === null) return off;
  const { pid, startTime, state, engine, degraded, last } = read.value;
  const running = isAlive({ pid, startTime });
  return running ? { running, pid, state, engine, degraded, last } : { ...off, last };
}

/** The files that a running watcher writes to: nobody may take them for sources. */
export function watcherOutputs(stack: Stack): readonly string[] {
  if (!watchReport(stack).running) return [];
  const read = readRecord(path(stack), kind);
  return (read.ok && read.value?.outputs) || [];
}

/** Writes only changes, and does not sync: it changes at every step of a restart, and a sync costs milliseconds. */
export function watchRecorder(stack: Stack): (record: WatchRecord) => void {
  let written = '';
  return (record) => {
    const text = JSON.stringify(record);
    if (text === written) return;
    written = text;
    writeRecord(path(stack), record, { synced: false });
  };
}
