/** Finds every process of a project: gathers what core/ownership.ts judges, until no proof leads to another. */
import { realpathSync } from 'node:fs';
import type { EvidenceWord, OwnershipVerdict } from '../core/ownership.ts';
import { isProved, judge } from '../core/ownership.ts';
import type { ProcessEvidence, ProcessRow } from '../core/process.ts';
import { isDead } from '../core/process.ts';
import { bootId } from './boot.ts';
import type { Marks } from './evidence.ts';
import { readCwd, readExe, readMarks } from './evidence.ts';
import { findBeyond } from './beyond.ts';
import { ancestors, byAge, tableOf } from './lineage.ts';
import type { Member, MemberQuery, MemberSearch } from './member.ts';
import type { RecordedMember } from './record.ts';
import { findStrays } from './strays.ts';
import type { Surroundings } from './surroundings.ts';
import { surroundingsOf } from './surroundings.ts';
import { readTable } from './table.ts';
import { isTied } from './ties.ts';

export type { Member, MemberQuery, MemberSearch } from './member.ts';

/**
 * One look, synchronous: 5–10 ms at 100 processes. Zombies, the caller and its ancestors are never among them.
 * Oldest first. Pids, start times and proofs hold for this moment; before a signal they are checked again (signal.ts).
 */
export function findMembers(query: MemberQuery): MemberSearch {
  const { judged, around, table, candidates, marks, root } = search(query, null);
  const list = (accept: (verdict: OwnershipVerdict) => boolean) =>
    judged.filter((each) => accept(each.verdict)).map(({ member }) => member);
  const members = list(isProved);
  const known = new Set(
    judged.filter(({ verdict }) => verdict.evidence.length > 0).map(({ member }) => member.row),
  );
  return {
    members,
    detached: list((verdict) => verdict.is === 'detached'),
    beyond: findBeyond(query, { around, table, members }),
    strays: () =>
      findStrays({
        candidates,
        table,
        marks,
        root,
        isKnown: (row) => known.has(row),
        isHere: query.isHere ?? (() => true),
      }),
  };
}

/** Processes with two hints and no proof, for `ps` and `doctor`; two more reads a process than findMembers. */
export function findSuspects(query: MemberQuery): readonly Member[] {
  return search(query, (pid) => ({ cwd: readCwd(pid), exe: readExe(pid) }))
    .judged.filter(({ verdict }) => verdict.is === 'suspect')
    .map(({ member }) => member);
}

/** What the ledger keeps of a member. Detached processes are not recorded: a record would make them ours. */
export const recordedMember = ({ row, service }: Member): RecordedMember => ({
  pid: row.pid,
  startTime: row.startTime,
  service,
  group: row.group,
  session: row.session,
});

type Places = Pick<ProcessEvidence, 'cwd' | 'exe'>;

function search(query: MemberQuery, placesOf: ((pid: number) => Places) | null) {
  const table = tableOf(readTable());
  const around = surroundingsOf(query, table, bootId());
  const candidates = [...table.values()].filter((row) => mayBeJudged(row, around)).toSorted(byAge);
  const canaries = query.records.flatMap(({ id, canary }) => (canary ? [{ id, ...canary }] : []));
  const marks = new Map(candidates.map((row) => [row.pid, readMarks(row.pid, canaries, query.key)]));
  forgetInherited(marks, around.servers, query.key);
  const root = realRoot(query.root);
  const ports = [...new Set(query.records.flatMap((record) => record.ports))];

  const verdicts = new Map<number, OwnershipVerdict>();
  const proved = (row: ProcessRow): boolean => isProved(verdicts.get(row.pid));
  const verdictOn = (row: ProcessRow): OwnershipVerdict =>
    judge({
      row,
      evidence: { ...(marks.get(row.pid) ?? noMarks), ...(placesOf?.(row.pid) ?? nowhere) },
      project: { key: query.key, root },
      ...around.factsOf(row, marks.get(row.pid) ?? noMarks, (pid) => verdicts.get(pid)),
      tied: () => isTied(row.pid, { pids: candidates.filter(proved).map(({ pid }) => pid), ports, root }),
    });

  // A proof may lead to others (a child, a group, a shared pipe) and is never withdrawn, so this ends; usually after two rounds.
  for (let before = -1; before !== candidates.filter(proved).length;) {
    before = candidates.filter(proved).length;
    for (const row of candidates) if (!proved(row)) verdicts.set(row.pid, verdictOn(row));
  }

  const members = new Map<number, Member>();
  const wrappers = new Set([...around.servers].flatMap((row) => ancestors(table, row)).filter(proved));
  const judged = candidates.map((row) => {
    // Judged once more: a proof found later (its group's leader) may have added a word.
    const verdict = proved(row) ? verdictOn(row) : (verdicts.get(row.pid) ?? nobody);
    const isServer = around.servers.has(row) || wrappers.has(row);
    const known = around.recordOf(row);
    const from = isServer ? undefined : (members.get(row.parent) ?? members.get(row.group));
    const own = marks.get(row.pid) ?? noMarks;
    const member: Member = {
      row,
      evidence: verdict.evidence satisfies readonly EvidenceWord[],
      service: isServer ? null : (own.service ?? known?.member?.service ?? from?.service ?? null),
      generation: own.marker?.uuid ?? own.canary ?? known?.record.id ?? from?.generation ?? null,
      isServer,
    };
    if (isProved(verdict)) members.set(row.pid, member);
    return { member, verdict };
  });
  return { judged, around, table, candidates, marks, root };
}

/**
 * A server that was started from inside a service of another project carries that project's marker, and so does everything
 * below it: the marker shows where the server came from, not whose it is. Other markers below the server still count.
 */
function forgetInherited(marks: Map<number, Marks>, servers: ReadonlySet<ProcessRow>, key: string): void {
  const uuids = new Set<string>();
  for (const { pid } of servers) {
    const marker = marks.get(pid)?.marker;
    if (marker && marker.key !== key) uuids.add(marker.uuid);
  }
  if (uuids.size === 0) return;
  for (const [pid, one] of marks)
    if (one.marker && uuids.has(one.marker.uuid)) marks.set(pid, { ...one, marker: null });
}

const noMarks: Marks = { marker: null, canary: null, service: null };
const nowhere: Places = { cwd: null, exe: null };
const nobody: OwnershipVerdict = { is: 'foreign', evidence: [] };

/** Saves the reads where a veto is certain; core/ownership.ts vetoes the same again. */
const mayBeJudged = (row: ProcessRow, { caller }: Surroundings): boolean =>
  row.pid > 1 && row.uid === caller.uid && !isDead(row) && !caller.untouchable.has(row.pid);

/** /proc shows resolved paths. */
function realRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch {
    return root; // removed: its processes still carry the old name
  }
}
