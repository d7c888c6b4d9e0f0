/** Finds a server whose upkeep was killed in the middle: launched, but not yet recorded with its pid. */
import type { ProcessRow } from '../core/process.ts';
import { isDead } from '../core/process.ts';
import { readArgv, readMarks } from './evidence.ts';
import type { Table } from './lineage.ts';
import type { InstanceRecord } from './record.ts';

/**
 * It carries the marker of the plan, has the command line of the plan (perhaps after an interpreter), and leads a session.
 * Before it listens, nothing else distinguishes it from what its services may have left in sessions of their own.
 */
export function plannedServers(
  records: readonly InstanceRecord[],
  table: Table,
  uid: number,
): readonly ProcessRow[] {
  const planned = records.filter(({ server, owner }) => server === null && owner === 'upkeep');
  if (planned.length === 0) return [];
  return [...table.values()].filter((row) => {
    if (row.uid !== uid || row.pid !== row.session || isDead(row)) return false;
    const { marker } = readMarks(row.pid, []);
    const plan = planned.find(({ key, id }) => key === marker?.key && id === marker.uuid);
    return plan !== undefined && endsWith(readArgv(row.pid) ?? [], plan.argv);
  });
}

const endsWith = (argv: readonly string[], end: readonly string[]): boolean =>
  end.length > 0 && argv.slice(-end.length).join('\0') === end.join('\0');
