/** Finds relatives in one process table: parents and ancestors. */
import type { ProcessId, ProcessRow } from '../core/process.ts';

export type Table = ReadonlyMap<number, ProcessRow>;

export const tableOf = (rows: readonly ProcessRow[]): Table => new Map(rows.map((row) => [row.pid, row]));

/** The row that `id` names, zombie or not; a pid with another start time is somebody else. */
export function rowOf(table: Table, id: ProcessId): ProcessRow | null {
  const row = table.get(id.pid);
  return row?.startTime === id.startTime ? row : null;
}

/** Nearest first, without `row` itself. */
export function ancestors(table: Table, row: ProcessRow): ProcessRow[] {
  const found: ProcessRow[] = [];
  let child = row;
  for (
    let parent = parentOf(table, child);
    parent && !found.includes(parent);
    parent = parentOf(table, child)
  ) {
    found.push(parent);
    child = parent;
  }
  return found;
}

/** Reading /proc takes time: a "parent" younger than its child has a pid that was reused meanwhile. */
export function parentOf(table: Table, row: ProcessRow): ProcessRow | null {
  const parent = table.get(row.parent);
  return parent && parent.pid !== row.pid && Number(parent.startTime) <= Number(row.startTime)
    ? parent
    : null;
}

/** Parents before children, as far as 10 ms ticks can tell. */
export const byAge = (a: ProcessRow, b: ProcessRow): number =>
  Number(a.startTime) - Number(b.startTime) || a.pid - b.pid;
