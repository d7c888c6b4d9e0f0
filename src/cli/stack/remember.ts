/** Writes down who lives now: what outlives a crash of the server is found by this. */
import { formatEndpoint } from '../../core/endpoint.ts';
import { isSameProcess } from '../../core/process.ts';
import { bootId } from '../../processes/boot.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { removeInstance, writeInstance } from '../../processes/ledger.ts';
import type { Member, MemberSearch } from '../../processes/members.ts';
import { recordedMember } from '../../processes/members.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isLeftover } from '../../core/process-report.ts';
import { isAlive } from '../../processes/table.ts';
import { isBusyElsewhere } from './busy.ts';
import type { Stack } from './open-stack.ts';
import { runningOf } from './process-list.ts';

/**
 * Brings the record of `instance` up to date; one that is left alone when nothing changed. One that somebody else started gets
 * a record here: its processes carry no marker, and once their server is gone only a record tells whose they are.
 */
export function remember(stack: Stack, instance: Instance, found: readonly Member[]): void {
  const known = stack.records().find((record) => isOf(record, instance));
  if (!known && instance.id !== null) return; // a lost state directory: the markers have to do
  if (!known) forgetEnded(stack);
  const record = known ?? external(stack, instance);
  // null: upkeep died between the launch and the record of it.
  const server = record.server ?? instance.server;
  // What an earlier one left has its own record: two would tell two generations.
  const running = runningOf(stack, instance);
  const own = found.filter((member) => !isLeftover({ pid: member.row.pid, ...member }, running));
  const members = own.map(recordedMember);
  if (known?.server && JSON.stringify(known.members) === JSON.stringify(members)) return;
  writeInstance(stack.project.stateDir, { ...record, server, members });
}

/**
 * For the verbs that only look: somebody else's stack is recorded when it is seen first, for its server may be killed before
 * anybody touches it. Best effort: where nothing can be written, nothing is; a verb at work records it itself.
 */
export function rememberFirstSight(stack: Stack, instance: Instance): void {
  if (instance.owner !== 'external' || stack.records().some((record) => isOf(record, instance))) return;
  if (isBusyElsewhere(stack)) return;
  try {
    remember(stack, instance, stack.members(instance.server));
  } catch {
    // a state directory that cannot be written
  }
}

/** Somebody who starts and stops it by hand all day must not leave a record each time. */
function forgetEnded(stack: Stack): void {
  for (const { id, owner, server, members } of stack.records()) {
    const all = [...(server ? [server] : []), ...members];
    if (owner === 'external' && !all.some(isAlive)) removeInstance(stack.project.stateDir, id);
  }
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
  owner === 'upkeep' ? id === instance.id : server !== null && isSameProcess(server, instance.server);

const external = (stack: Stack, instance: Instance): InstanceRecord => ({
  schema: 1,
  // Not node:crypto, which `status` would load for it at each start.
  id: crypto.randomUUID(),
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
