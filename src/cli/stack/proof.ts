/** Finds what disproves "ready": a process of an older generation, or a declared port that somebody else holds. */
import type { Survivor } from '../../core/trouble.ts';
import { portHolders } from '../../processes/listeners.ts';
import type { Member } from '../../processes/members.ts';
import { tcpListeners } from '../../processes/sockets.ts';
import { readRow } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Model } from './model.ts';
import type { Stack } from './open-stack.ts';

/** An old process can answer the new one's probe (measured), so whoever listens must belong to the new generation. */
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

/** The member belongs to the running server: below it, or with its marker or canary. */
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

/**
 * Declared ports of `service`, and those of them on which nothing listens. Who holds them is checked by `disproof`; a holder
 * that cannot be seen (a container's proxy) is trusted, since the ports were free before the start.
 */
export function portsOf(
  model: Model,
  service: string,
): { declared: readonly number[]; silent: readonly number[] } {
  const declared = model.ports.get(service) ?? [];
  if (declared.length === 0) return { declared, silent: [] };
  const open = new Set(tcpListeners().map(({ port }) => port));
  return { declared, silent: declared.filter((port) => !open.has(port)) };
}
