/** Tells the session of a process where ps(1) does not: from who leads one, from groups and from living parents. */
import type { ProcessRow } from '../../core/process.ts';

/** A row of ps(1): it tells who leads a session, and of nobody which one it is in. */
export interface PsRow extends Omit<ProcessRow, 'session'> {
  readonly leadsSession: boolean;
}

/**
 * A group lies within one session, and a child is in its parent's until it leads one of its own. So the first leader above a
 * process tells; that it became one only after it forked is the one way to err, and who leads a group, as a service of
 * process-compose does, cannot. An orphan whose group tells nothing counts as alone in a session: nothing is proved by it.
 */
export function withSessions(rows: readonly PsRow[]): ProcessRow[] {
  const table = new Map(rows.map((row) => [row.pid, row]));
  return rows.map(({ leadsSession: _, ...row }) => ({ ...row, session: sessionOf(row.pid, table) }));
}

function sessionOf(pid: number, table: ReadonlyMap<number, PsRow>): number {
  let at = table.get(pid);
  for (let steps = 0; at && steps < 1000; steps += 1) {
    if (at.leadsSession) return at.pid;
    const next: PsRow | undefined = inSameSession(at, table);
    if (!next) break;
    at = next;
  }
  // Everybody in one group must come to the same answer: the leader's own number.
  return at && at.pid !== pid && at.group === table.get(pid)?.group ? at.pid : pid;
}

function inSameSession(row: PsRow, table: ReadonlyMap<number, PsRow>): PsRow | undefined {
  if (row.group !== row.pid) {
    const leader = table.get(row.group);
    if (leader && isOlder(leader, row)) return leader;
  }
  const parent = table.get(row.parent);
  return parent && parent.pid > 1 && isOlder(parent, row) ? parent : undefined;
}

/** A "parent" younger than its child took a number that became free during the pass. */
const isOlder = (one: PsRow, other: PsRow): boolean => Number(one.startTime) <= Number(other.startTime);
