/** Whether this program runs inside a stack: a stop from there would end whoever is to carry it out. */
import type { ProcessId, ProcessRow } from '../core/process.ts';
import { processKey } from '../core/process.ts';
import type { InstanceRecord } from './record.ts';
import { readRow } from './table.ts';

export interface Host {
  readonly row: ProcessRow;
  /** null: the supervisor itself. */
  readonly service: string | null;
}

/**
 * The nearest ancestor of ours that belongs to the stack by record or is one of its servers. A marker is no sign: the shell of a
 * tmux server that a service started has it, and outlives the stack.
 */
export function hostOf(records: readonly InstanceRecord[], servers: readonly ProcessId[]): Host | null {
  const stack = new Map<string, string | null>();
  for (const { server, members } of records) {
    for (const member of members) stack.set(processKey(member), member.service);
    if (server) stack.set(processKey(server), null);
  }
  for (const server of servers) stack.set(processKey(server), null);
  let up = readRow(process.pid);
  for (let steps = 0; up && up.parent > 1 && steps < 1000; steps += 1) {
    up = readRow(up.parent);
    const service = up ? stack.get(processKey(up)) : undefined;
    if (up && service !== undefined) return { row: up, service };
  }
  return null;
}
