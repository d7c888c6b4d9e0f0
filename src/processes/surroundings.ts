/** Gathers the proofs of a process that lie outside of it: servers, records, groups, sessions. */
import type { Owner, OwnershipFacts, OwnershipVerdict } from '../core/ownership.ts';
import { isProved } from '../core/ownership.ts';
import type { ProcessRow } from '../core/process.ts';
import { isDead, processKey } from '../core/process.ts';
import type { Marks } from './evidence.ts';
import { readMarks } from './evidence.ts';
import type { Table } from './lineage.ts';
import { ancestors, parentOf, rowOf } from './lineage.ts';
import type { MemberQuery } from './member.ts';
import { plannedServers } from './planned-server.ts';
import type { InstanceRecord, RecordedMember } from './record.ts';

/** Why a row is recorded; `member` is null for the server itself. */
interface Entry {
  readonly record: InstanceRecord;
  readonly member: RecordedMember | null;
}

type Verdicts = (pid: number) => OwnershipVerdict | undefined;

export interface Surroundings {
  readonly caller: OwnershipFacts['caller'];
  /** Live servers of this project. */
  readonly servers: ReadonlySet<ProcessRow>;
  readonly recordOf: (row: ProcessRow) => Entry | null;
  readonly factsOf: (
    row: ProcessRow,
    marks: Marks,
    verdicts: Verdicts,
  ) => Pick<
    OwnershipFacts,
    'caller' | 'tree' | 'record' | 'group' | 'sessionOfStack' | 'unrecorded' | 'belowUnproved'
  >;
}

export function surroundingsOf(query: MemberQuery, table: Table, boot: string): Surroundings {
  const records = query.records.filter((record) => record.key === query.key && record.bootId === boot);
  const entries = entriesOf(records);
  const recordOf = (row: ProcessRow): Entry | null => entries.get(processKey(row)) ?? null;

  const self = table.get(process.pid);
  const untouchable = new Set([process.pid, ...(self ? ancestors(table, self) : []).map(({ pid }) => pid)]);
  const caller = { uid: process.getuid?.() ?? -1, bootId: boot, untouchable };

  const serverIds = [...query.servers, ...records.flatMap(({ server }) => (server ? [server] : []))];
  const servers = new Set(serverIds.map((id) => rowOf(table, id)).filter((row) => row !== null));
  for (const row of servers) if (isDead(row)) servers.delete(row);
  const planned = plannedServers(records, table, caller.uid);
  for (const row of planned) servers.add(row);
  const ownerOf = (server: ProcessRow): Owner =>
    recordOf(server)?.record.owner ?? (planned.includes(server) ? 'upkeep' : 'external');

  /** Looks upwards for a proved process: through our own ancestors (we may run inside a service), never through ourselves. */
  const treeOf = (row: ProcessRow, verdicts: Verdicts): Owner | null => {
    if (servers.has(row)) return ownerOf(row);
    for (let up = parentOf(table, row); up && up.pid !== process.pid; up = parentOf(table, up)) {
      if (servers.has(up)) return ownerOf(up);
      const verdict = verdicts(up.pid);
      if (isProved(verdict)) return verdict?.is === 'ours' ? 'upkeep' : 'external';
      if (!untouchable.has(up.pid)) return null; // a stranger or a detached one cuts the tree
    }
    return null;
  };

  const provedGroups = recordedGroups(table, recordOf);
  const groupOf = (row: ProcessRow, verdicts: Verdicts): Owner | null => {
    if (row.group === self?.group) return null;
    const leader = table.get(row.group);
    if (!leader || isDead(leader)) return provedGroups.get(row.group) ?? null;
    if (leader.pid === row.pid || !isProved(verdicts(leader.pid))) return null;
    // `devenv up | tee log`: the job's other half shares the group that an external server leads.
    if (servers.has(leader) && ownerOf(leader) === 'external') return null;
    return verdicts(leader.pid)?.is === 'ours' ? 'upkeep' : 'external';
  };

  const sessions = sessionsOf(records, table, servers, ownerOf);
  const mates = (row: ProcessRow): ProcessRow[] =>
    [...table.values()].filter((other) => other.session === row.session && other !== row);
  /** Generations whose sessions are recorded; for the others only a proved process shows the session. */
  const recordedGenerations = new Set(records.filter(({ server }) => server !== null).map(({ id }) => id));

  return {
    caller,
    servers,
    recordOf,
    factsOf: (row, marks, verdicts) => {
      const tree = treeOf(row, verdicts);
      const entry = recordOf(row);
      const generation = marks.marker?.uuid ?? marks.canary;
      const unrecorded = generation !== null && !recordedGenerations.has(generation);
      return {
        caller,
        tree,
        record: entry && { owner: entry.record.owner, bootId: entry.record.bootId },
        group: groupOf(row, verdicts),
        sessionOfStack:
          (tree ? sessions.any : sessions.upkeep).has(row.session) ||
          (unrecorded && mates(row).some((mate) => isProved(verdicts(mate.pid)))),
        unrecorded,
        belowUnproved: unrecorded && tree === null && isMarkedAs(generation, parentOf(table, row)),
      };
    },
  };
}

/** init or a subreaper, which reaps orphans, has no marker of ours. */
const isMarkedAs = (generation: string, parent: ProcessRow | null): boolean =>
  parent !== null &&
  parent.pid > 1 &&
  !isDead(parent) &&
  readMarks(parent.pid, []).marker?.uuid === generation;

function entriesOf(records: readonly InstanceRecord[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const record of records) {
    for (const member of record.members) entries.set(processKey(member), { record, member });
    const { server } = record;
    if (server) entries.set(processKey(server), { record, member: null });
  }
  return entries;
}

/**
 * Groups without a live leader. The kernel does not reuse a pid while a group has its number, so a recorded process that is
 * still in its recorded group proves the group, and so does a recorded leader that is a zombie.
 */
function recordedGroups(table: Table, recordOf: (row: ProcessRow) => Entry | null): Map<number, Owner> {
  const groups = new Map<number, Owner>();
  for (const row of table.values()) {
    const entry = recordOf(row);
    // A group that no recorded process leads may be the caller's job or script: an external server starts in it.
    const leads = entry?.record.members.some(({ pid, group }) => pid === row.group && group === row.group);
    if (entry && leads && (entry.member?.group ?? row.group) === row.group)
      groups.set(row.group, entry.record.owner);
  }
  return groups;
}

const taskRunner = /\bdevenv-tasks run\b/;

/** Sessions that belong to the stack. An external stack may share a person's session: that counts only below a live server. */
function sessionsOf(
  records: readonly InstanceRecord[],
  table: Table,
  servers: ReadonlySet<ProcessRow>,
  ownerOf: (server: ProcessRow) => Owner,
): { readonly upkeep: ReadonlySet<number>; readonly any: ReadonlySet<number> } {
  const upkeep = new Set<number>();
  const any = new Set<number>();
  const add = (session: number, owner: Owner): void => {
    any.add(session);
    if (owner === 'upkeep') upkeep.add(session);
  };
  for (const { owner, server, members } of records) {
    if (server) add(server.pid, owner); // launched as the leader of a session of its own
    for (const member of members) add(member.session, owner);
  }
  for (const row of table.values()) {
    if (servers.has(row)) add(row.session, ownerOf(row));
    // devenv's native manager and `is_tty` give each service a session of its own.
    const parent = parentOf(table, row);
    if (parent && servers.has(parent)) add(row.session, ownerOf(parent));
    // So does the task runner that stands between process-compose and a service of devenv 2.
    const above = parent && taskRunner.test(parent.command) ? parentOf(table, parent) : null;
    if (above && servers.has(above)) add(row.session, ownerOf(above));
  }
  return { upkeep, any };
}
