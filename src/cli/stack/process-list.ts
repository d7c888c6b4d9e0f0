/** Every process that has to do with this project, with why; and the projects beside it. */
import type { OtherProject, ProcessClass, ProcessReport } from '../../core/process-report.ts';
import { isLeftover } from '../../core/process-report.ts';
import { isDead } from '../../core/process.ts';
import { readCwd, readMarks } from '../../processes/evidence.ts';
import type { Member, MemberQuery } from '../../processes/members.ts';
import { findMembers, findSuspects } from '../../processes/members.ts';
import { startedAt } from '../../processes/since.ts';
import { readTable } from '../../processes/table.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import { knownProjects, rootOfKey } from '../known-projects.ts';
import type { Stack } from './open-stack.ts';

export const runningInstance = (found: Found): Instance | null =>
  found.is === 'running' || found.is === 'unreachable' ? found.instance : null;

export const queryOf = (stack: Stack, instance: Instance | null): MemberQuery => ({
  key: stack.project.key,
  root: stack.project.root,
  records: stack.records(),
  servers: instance ? [instance.server] : [],
});

/** Ours first, oldest first; then what left the stack; then what only looks like ours. */
export function listProcesses(stack: Stack, instance: Instance | null): ProcessReport[] {
  const query = queryOf(stack, instance);
  const { members, detached, beyond } = findMembers(query);
  return [
    ...members.map((member) => reportMember(member, instance)),
    ...beyond.map((member) => reportAs('beyond', member)),
    ...detached.map((member) => reportAs('detached', member)),
    ...findSuspects(query).map((member) => reportAs('suspect', member)),
  ];
}

/** Proved. What no generation of ours proves was started by somebody else. */
export const reportMember = (member: Member, instance: Instance | null): ProcessReport => ({
  ...reportAs(member.generation === null ? 'external' : 'ours', member),
  leftover: isLeftover({ pid: member.row.pid, ...member }, instance),
});

export const reportAs = (is: ProcessClass, { row, ...member }: Member): ProcessReport => ({
  pid: row.pid,
  startTime: row.startTime,
  since: startedAt(row.startTime),
  service: member.service,
  class: is,
  server: member.isServer,
  leftover: false,
  generation: member.generation,
  evidence: member.evidence,
  command: row.command,
});

/** By their live markers, and from the list of projects; `key` is ours. Only processes of our own uid can be read. */
export function otherProjects(key: string | null): OtherProject[] {
  const uid = process.getuid?.() ?? -1;
  const found = new Map<string, { root: string | null; processes: OtherProject['processes'][number][] }>(
    knownProjects().map((project) => [project.key, { root: project.root, processes: [] }]),
  );
  for (const { pid, startTime, command, ...row } of readTable()) {
    if (row.uid !== uid || isDead(row)) continue;
    const { marker, service } = readMarks(pid, []);
    if (marker === null) continue;
    const known = found.get(marker.key) ?? { root: null, processes: [] };
    known.root ??= rootOfKey(marker.key, readCwd(pid));
    known.processes.push({ pid, startTime, since: startedAt(startTime), service, command });
    found.set(marker.key, known);
  }
  if (key !== null) found.delete(key);
  return [...found].map(([name, project]) => ({ key: name, ...project }));
}
