/** Decides whether this program runs inside a stack: a stop from there would end the stop itself. */
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
 * Our nearest ancestor that is a recorded member or one of `servers`; null: none. A marker does not count: the shell of a tmux
 * server that a service started has it, and outlives the stack.
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
