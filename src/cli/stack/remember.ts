/** Writes down who lives now: what outlives a crash of the server is found by this. */
import { randomUUID } from 'node:crypto';
import { formatEndpoint } from '../../core/endpoint.ts';
import { bootId } from '../../processes/boot.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { removeInstance, writeInstance } from '../../processes/ledger.ts';
import type { Member, MemberSearch } from '../../processes/members.ts';
import { recordedMember } from '../../processes/members.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Stack } from './open-stack.ts';

/**
 * Brings the record of `instance` up to date. One that somebody else started gets a record here, before it is touched: its
 * processes carry no marker, and once their server is gone only a record tells whose they are.
 */
export function remember(stack: Stack, instance: Instance, members: readonly Member[]): void {
  const known = stack.records().find((record) => isOf(record, instance));
  if (!known && instance.id !== null) return; // a lost state directory: the markers have to do
  const record = known ?? external(stack, instance);
  // null: upkeep died between the launch and the record of it.
  const server = record.server ?? instance.server;
  writeInstance(stack.project.stateDir, { ...record, server, members: members.map(recordedMember) });
}

/**
 * Called when nothing of the stack lives. A record is kept while something lives that came from it and left it, a tmux server
 * say: it tells that the stack's sessions are over, and with it nobody takes that process for an orphan.
 */
export function forget(stack: Stack, { detached }: Pick<MemberSearch, 'detached'>): void {
  const needed = new Set(detached.map((member) => member.generation));
  for (const { id } of stack.records()) if (!needed.has(id)) removeInstance(stack.project.stateDir, id);
}

/** Everybody who is known to have been of the stack, for what still names one of them when nothing of it lives. */
export const recordedPids = (stack: Stack): readonly number[] =>
  stack
    .records()
    .flatMap(({ server, members }) => [...(server ? [server] : []), ...members].map(({ pid }) => pid));

const isOf = ({ id, owner, server }: InstanceRecord, instance: Instance): boolean =>
  owner === 'upkeep'
    ? id === instance.id
    : server?.pid === instance.server.pid && server.startTime === instance.server.startTime;

const external = (stack: Stack, instance: Instance): InstanceRecord => ({
  schema: 1,
  id: randomUUID(),
  key: stack.project.key,
  root: stack.project.root,
  bootId: bootId(),
  owner: 'external',
  server: instance.server,
  endpoint: formatEndpoint(instance.endpoint),
  startedAt: new Date().toISOString(),
  argv: instance.argv,
  cwd: instance.cwd,
  files: [],
  canary: null,
  members: [],
  ports: [],
  services: [],
  fingerprint: null,
});
