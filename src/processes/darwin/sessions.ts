/** Works out the session of each process where ps(1) does not tell: from session leaders, groups and live parents. */
import type { ProcessRow } from '../../core/process.ts';

/** A row of ps(1), which shows who leads a session, but not which session a process is in. */
export interface PsRow extends Omit<ProcessRow, 'session'> {
  readonly leadsSession: boolean;
}

/**
 * A group lies within one session, and a child is in its parent's session until it leads its own. So the first session leader
 * above a process decides. This is wrong only if the leader became one after it forked, which a group leader, as a service of
 * process-compose is, cannot. An orphan whose group tells nothing counts as alone in its session, which proves nothing.
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

/** A "parent" younger than its child has a reused pid. */
const isOlder = (one: PsRow, other: PsRow): boolean => Number(one.startTime) <= Number(other.startTime);
