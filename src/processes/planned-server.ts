/** Finds the server that upkeep was killed over: launched, and not yet recorded with its pid. */
import type { ProcessRow } from '../core/process.ts';
import { isDead } from '../core/process.ts';
import { readArgv, readMarks } from './evidence.ts';
import type { Table } from './lineage.ts';
import type { InstanceRecord } from './record.ts';

/**
 * Until it listens nothing else tells it from what its services may have left in sessions of their own: it has the marker of
 * the plan and the command line of the plan, and leads a session. What runs an interpreter has that in front.
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
