/** Finds services whose server was killed before anything about it was recorded: without proof, so a person has to name them. */
import { isWithin } from '../core/paths.ts';
import type { ProcessRow } from '../core/process.ts';
import { isDead } from '../core/process.ts';
import { strayWords } from '../core/stray.ts';
import type { StrayFacts } from '../core/stray.ts';
import type { Marks } from './evidence.ts';
import { readCwd, readVariables, serviceByLog } from './evidence.ts';
import type { Table } from './lineage.ts';
import { parentOf } from './lineage.ts';
import type { Member } from './member.ts';
import { hasUnreadOutput } from './unread-output.ts';

export interface StraySearch {
  /** Live, of our uid, oldest first: parents come before their children. */
  readonly candidates: readonly ProcessRow[];
  readonly table: Table;
  readonly marks: ReadonlyMap<number, Marks>;
  /** Something proves it, or proved it once. */
  readonly isKnown: (row: ProcessRow) => boolean;
  /** Resolved. */
  readonly root: string;
  /** Is this directory of the tree this project's, and not that of a project further down? */
  readonly isHere: (cwd: string) => boolean;
}

/** Cheap where there is none: only orphans that lead a group are examined, and only those in the tree in depth. */
export function findStrays(search: StraySearch): readonly Member[] {
  const { table, marks } = search;
  const found = new Map<number, Member>();
  for (const row of search.candidates) {
    const own = marks.get(row.pid);
    // A marker names somebody's stack, ours or another's; what has one is no stray.
    if (search.isKnown(row) || own?.marker || own?.canary) continue;
    const parent = found.get(row.parent);
    const leader = found.get(row.group);
    const evidence = strayWords({
      row,
      startedByProcessCompose: isStarted(row.pid, own),
      startedByNative: serviceByLog(row.pid) !== null,
      worksHere: () => worksHere(search, row.pid),
      hasUnreadOutput: () => hasUnreadOutput(row.pid),
      parent: parent?.row.session === row.session ? 'stray' : isOrphan(search, row) ? 'reaper' : 'other',
      leader: leaderOf(row, table, leader),
    });
    if (!evidence) continue;
    const service = own?.service ?? parent?.service ?? leader?.service ?? null;
    found.set(row.pid, { row, evidence, service, generation: null, isServer: false });
  }
  return [...found.values()];
}

/**
 * The strays that are meant when `named` are named: with their groups and descendants, since a shell that runs a service is not
 * ended without the service.
 */
export function belongingTo(strays: readonly Member[], named: ReadonlySet<number>): readonly Member[] {
  const pids = new Set(named);
  const groups = new Set(strays.filter(({ row }) => named.has(row.pid)).map(({ row }) => row.group));
  return strays.filter(({ row }) => {
    if (!pids.has(row.pid) && !pids.has(row.parent) && !groups.has(row.group)) return false;
    pids.add(row.pid);
    groups.add(row.group);
    return true;
  });
}

const isStarted = (pid: number, marks: Marks | undefined): boolean =>
  marks?.service != null && readVariables(pid)?.['PC_REPLICA_NUM'] !== undefined;

function worksHere({ root, isHere }: StraySearch, pid: number): boolean {
  const cwd = readCwd(pid);
  return cwd !== null && isWithin(root, cwd) && isHere(cwd);
}

/** Whoever started it is gone. A process-compose that lives is in the session of its services. */
function isOrphan({ table, marks }: StraySearch, row: ProcessRow): boolean {
  const parent = parentOf(table, row);
  if (parent === null || parent.pid <= 1) return true;
  return parent.session !== row.session && (marks.get(parent.pid)?.service ?? null) === null;
}

function leaderOf(row: ProcessRow, table: Table, stray: Member | undefined): StrayFacts['leader'] {
  if (row.pid === row.group) return 'itself';
  if (stray) return 'stray';
  const leader = table.get(row.group);
  return !leader || isDead(leader) ? 'gone' : 'other';
}
