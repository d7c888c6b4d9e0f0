/** The evaluation that a stack was last started from and answered: what to go back to when the next one does not start. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, isObject, isText } from '../../core/check.ts';
import type { RecordKind } from '../../io/records.ts';
import { readRecord, writeRecord } from '../../io/records.ts';
import { makeStateDirectory } from '../../io/state-home.ts';
import type { Evaluated } from './evaluated.ts';
import { isWhole } from './evaluated.ts';

interface LastGood {
  readonly schema: 1;
  /** The uuid of the instance that was started from it. */
  readonly instance: string;
  readonly evaluated: Evaluated;
}

const kind: RecordKind<LastGood> = {
  schema: 1,
  check: (value): value is LastGood => fieldsOf({ instance: isText, evaluated: isObject })(value),
};

const directoryOf = (stateDir: string): string => join(stateDir, 'last-good');

/** With a copy of its launcher: the shelf keeps the newest ones, and not all of those were started. Best effort. */
export function keepLastGood(stateDir: string, evaluated: Evaluated, instance: string): void {
  const directory = directoryOf(stateDir);
  const launcher = join(directory, 'launch.bash');
  try {
    makeStateDirectory(directory);
    if (evaluated.launcher !== launcher) copyFileSync(evaluated.launcher, launcher);
  } catch {
    return; // a full disk: nothing is kept, and a failure later is told as one
  }
  const good: LastGood = { schema: 1, instance, evaluated: { ...evaluated, launcher } };
  writeRecord(join(directory, 'evaluated.json'), good, { synced: false });
}

/** `instance`: what ran; null: nothing does, it crashed. null: none is kept, it was another's, or the store was collected. */
export function readLastGood(stateDir: string, instance: string | null): Evaluated | null {
  const read = readRecord(join(directoryOf(stateDir), 'evaluated.json'), kind);
  const good = read.ok ? read.value : null;
  if (good === null || (instance !== null && good.instance !== instance)) return null;
  return isWhole(good.evaluated) ? good.evaluated : null;
}
