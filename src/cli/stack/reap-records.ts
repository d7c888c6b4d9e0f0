/** Judges the records of a project for `reap`: each with its fate, including those that cannot be read. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { recordFate } from '../../core/record-fate.ts';
import { bootId } from '../../processes/boot.ts';
import { listRecords } from '../../processes/ledger.ts';
import { bootedAtMs } from '../../processes/since.ts';

export interface JudgedRecord {
  readonly path: string;
  readonly because: string;
  readonly remove: boolean;
  /** The running stack needs it, so keeping it needs no explanation. */
  readonly used: boolean;
}

/**
 * @param generations uuids: `inUse` of generations with a live process that stays, and of the running instance; `ending` of
 * those whose processes are about to be ended.
 */
export function judgeRecords(
  stateDir: string,
  generations: { readonly inUse: ReadonlySet<string>; readonly ending: ReadonlySet<string> },
): JudgedRecord[] {
  const directory = join(stateDir, 'instances');
  const { problems } = listRecords(stateDir);
  const facts = { bootedMs: bootedAtMs(), currentBootId: bootId() };
  return names(directory).map((name) => {
    const path = join(directory, name);
    const id = name.replace(/\.(json|canary)$/, '');
    // A canary without a record was left by a start that failed, or somebody deleted the record.
    const problem = problems.find((one) => one.reason === 'record-invalid' && one.path === path);
    const fate = recordFate({
      ...facts,
      problem: problem?.reason === 'record-invalid' ? problem.problem : null,
      bootId: /"bootId":"([0-9a-f-]{36})"/.exec(textOf(path))?.[1] ?? null,
      changedMs: statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? Date.now(),
      inUse: generations.inUse.has(id),
      ending: generations.ending.has(id),
    });
    return { path, used: generations.inUse.has(id), ...fate };
  });
}

/** Together with its canary. Idempotent. */
export function removeRecord(path: string): void {
  rmSync(path, { force: true });
  rmSync(path.replace(/\.json$/, '.canary'), { force: true });
}

/** Every record, and the canaries that have none. */
function names(directory: string): string[] {
  let all: string[];
  try {
    all = readdirSync(directory);
  } catch {
    return [];
  }
  const records = all.filter((name) => name.endsWith('.json'));
  const alone = all.filter(
    (name) => name.endsWith('.canary') && !records.includes(`${basename(name, '.canary')}.json`),
  );
  return [...records, ...alone].toSorted();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
