/** Lists every process that has to do with this project, with the reason, and those of other projects. */
import type { OtherProject, ProcessClass, ProcessReport, Running } from '../../core/process-report.ts';
import { isLeftover } from '../../core/process-report.ts';
import { isDead, isSameProcess } from '../../core/process.ts';
import { readCwd, readMarks } from '../../processes/evidence.ts';
import type { Member } from '../../processes/members.ts';
import { findSuspects } from '../../processes/members.ts';
import { startedAt } from '../../processes/since.ts';
import { readTable } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import { knownProjects, rootOfKey } from '../known-projects.ts';
import type { Stack } from './open-stack.ts';

/** What runs now, with every id that its processes may carry; null: nothing. */
export function runningOf(stack: Stack, instance: Instance | null): Running | null {
  if (instance === null) return null;
  const records = stack.records().filter(({ server }) => server && isSameProcess(server, instance.server));
  const ids = [...(instance.id ? [instance.id] : []), ...records.map(({ id }) => id)];
  return { ids: new Set(ids), server: instance.server };
}

/** Ours first, oldest first; then what left the stack; then what only looks like it. */
export function listProcesses(stack: Stack, instance: Instance | null): ProcessReport[] {
  const server = instance?.server ?? null;
  const { members, detached, beyond, ...search } = stack.search(server);
  const strays = search.strays();
  const isStray = ({ row }: Member): boolean => strays.some((stray) => stray.row.pid === row.pid);
  const suspects = findSuspects({
    key: stack.project.key,
    root: stack.project.root,
    records: stack.records(),
    servers: server ? [server, ...stack.supervisor.wrappersOf(server)] : [],
  });
  return [
    ...members.map((member) => reportMember(stack, member, runningOf(stack, instance))),
    ...beyond.map((member) => reportAs('beyond', member)),
    ...detached.map((member) => reportAs('detached', member)),
    ...strays.map(reportStray),
    ...suspects.filter((member) => !isStray(member)).map((member) => reportAs('suspect', member)),
  ];
}

/** A proved member: ours, or external. */
export const reportMember = (stack: Stack, member: Member, running: Running | null): ProcessReport => ({
  ...reportAs(isExternal(stack, member) ? 'external' : 'ours', member),
  leftover: isLeftover({ pid: member.row.pid, ...member }, running),
});

export const reportStray = (member: Member): ProcessReport => ({
  ...reportAs('suspect', member),
  stray: true,
});

/** It has no generation, or one that upkeep only recorded. */
const isExternal = (stack: Stack, { generation }: Member): boolean =>
  generation === null || stack.records().some(({ id, owner }) => id === generation && owner === 'external');

export const reportAs = (is: ProcessClass, { row, ...member }: Member): ProcessReport => ({
  pid: row.pid,
  startTime: row.startTime,
  since: startedAt(row.startTime),
  service: member.service,
  class: is,
  server: member.isServer,
  leftover: false,
  stray: false,
  generation: member.generation,
  evidence: member.evidence,
  command: row.command,
});

/** Found by the markers of live processes and in the list of projects; `key` is ours. Only processes of our uid can be read. */
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
