/** Finds processes of a stack that run as another user: we may not signal them, but the stop waits for them. */
import { isDead } from '../core/process.ts';
import type { ProcessRow } from '../core/process.ts';
import { readMarks } from './evidence.ts';
import type { Table } from './lineage.ts';
import { ancestors, byAge } from './lineage.ts';
import type { Member, MemberQuery } from './member.ts';
import type { Surroundings } from './surroundings.ts';

/** Live descendants of proved members, and recorded ones. `gosu postgres` in a container is the usual case. */
export function findBeyond(
  query: MemberQuery,
  known: { around: Surroundings; table: Table; members: readonly Member[] },
): readonly Member[] {
  const { around, table } = known;
  const members = new Map(known.members.map((member) => [member.row.pid, member]));
  const isOther = (row: ProcessRow): boolean =>
    row.uid !== around.caller.uid && row.pid > 1 && !isDead(row) && !around.caller.untouchable.has(row.pid);
  return [...table.values()]
    .filter(isOther)
    .toSorted(byAge)
    .flatMap((row): Member[] => {
      const entry = around.recordOf(row);
      const above = ancestors(table, row).find(({ pid }) => members.has(pid));
      if (!entry && !above) return [];
      const from = above && members.get(above.pid);
      // Only root can read the marker; processes of another project that a service of ours started are not ours.
      const { marker, service } = readMarks(row.pid, []);
      if (marker !== null && marker.key !== query.key) return [];
      const evidence = [...(above ? ['tree'] : []), ...(entry ? ['record'] : []), `uid ${row.uid}`];
      return [
        {
          row,
          evidence,
          service: service ?? entry?.member?.service ?? from?.service ?? null,
          generation: entry?.record.id ?? from?.generation ?? null,
          isServer: false,
          beyond: true,
        },
      ];
    });
}
