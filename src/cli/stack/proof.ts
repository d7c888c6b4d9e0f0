/** What speaks against "ready": a process of an older generation, or a declared port that is held by somebody else. */
import type { ProcessId } from '../../core/process.ts';
import type { Survivor } from '../../core/trouble.ts';
import { portHolders } from '../../processes/listeners.ts';
import type { Member } from '../../processes/members.ts';
import { readRow } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Model } from './model.ts';
import type { Stack } from './open-stack.ts';

/** An old process can answer the new one's probe (facts/measured.md §2): the listener's pid must be of the new group. */
export function disproof(stack: Stack, instance: Instance, model: Model): Survivor[] {
  const members = stack.members(instance.server);
  const older = members.filter((member) => !isOf(instance, member));
  const current = new Set(members.filter((member) => isOf(instance, member)).map((member) => member.row.pid));
  const strangers = portHolders(model.allPorts).filter(
    (holder) => holder.pid !== null && !current.has(holder.pid),
  );
  return [
    ...older.map((member) => survivorOf(member)),
    ...strangers.map((holder) => ({
      pid: holder.pid ?? 0,
      startTime: readRow(holder.pid ?? 0)?.startTime ?? '',
      command: holder.command ?? '',
      service: holder.service,
      state: readRow(holder.pid ?? 0)?.state ?? '?',
      evidence: [`holds port ${holder.port}`],
    })),
  ];
}

/** Of the running server: below it, or with its marker or canary. */
export function isOf(instance: Instance, member: Member): boolean {
  if (member.row.pid === instance.server.pid || member.evidence.includes('tree')) return true;
  return instance.id !== null && member.generation === instance.id;
}

export const survivorOf = (member: Member): Survivor => ({
  pid: member.row.pid,
  startTime: member.row.startTime,
  command: member.row.command,
  service: member.service,
  state: member.row.state,
  evidence: member.evidence,
});

/** Do members of the stack hold every declared port of `service`? false without declared ports. */
export function holdsPorts(model: Model, pids: ReadonlySet<number>, service: string): boolean {
  const ports = model.ports.get(service) ?? [];
  const held = portHolders(ports).filter((holder) => holder.pid !== null && pids.has(holder.pid));
  return ports.length > 0 && ports.every((port) => held.some((holder) => holder.port === port));
}

export const memberPids = (stack: Stack, server: ProcessId): ReadonlySet<number> =>
  new Set(stack.members(server).map((member) => member.row.pid));
