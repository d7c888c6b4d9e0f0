/** Records which processes live now: this is how what outlives a crash of the server is found. */
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
 * Brings the record of `instance` up to date; writes nothing if nothing changed. An instance that somebody else started gets
 * a record here: its processes carry no marker, and once their server is gone, only a record tells whose they are.
 */
export function remember(stack: Stack, instance: Instance, found: readonly Member[]): void {
  const known = stack.records().find((record) => isOf(record, instance));
  if (!known && instance.id !== null) return; // the state directory was lost: the markers have to suffice
  if (!known) forgetEnded(stack);
  const record = known ?? external(stack, instance);
  // null: upkeep died between the launch and the record of it.
  const server = record.server ?? instance.server;
  // What an earlier instance left is in its own record: in two, it would belong to two generations.
  const running = runningOf(stack, instance);
  const own = found.filter((member) => !isLeftover({ pid: member.row.pid, ...member }, running));
  const members = own.map(recordedMember);
  if (known?.server && JSON.stringify(known.members) === JSON.stringify(members)) return;
  writeInstance(stack.project.stateDir, { ...record, server, members });
}

/**
 * For verbs that only look: records somebody else's stack at first sight, because its server may be killed before another
 * verb does. Best effort; while a verb is at work, that verb records it.
 */
export function rememberFirstSight(stack: Stack, instance: Instance): void {
  if (instance.owner !== 'external' || stack.records().some((record) => isOf(record, instance))) return;
  if (isBusyElsewhere(stack)) return;
  try {
    remember(stack, instance, stack.members(instance.server));
  } catch {
    // the state directory cannot be written
  }
}

/** Starting and stopping a stack by hand all day must not leave a record each time. */
function forgetEnded(stack: Stack): void {
  for (const { id, owner, server, members } of stack.records()) {
    const all = [...(server ? [server] : []), ...members];
    if (owner === 'external' && !all.some(isAlive)) removeInstance(stack.project.stateDir, id);
  }
}

/**
 * Called when nothing of the stack lives. A record is kept as long as a process lives that came from the stack and left it (a
 * tmux server, say): with it, nobody takes that process for an orphan.
 */
export function forget(stack: Stack, { detached }: Pick<MemberSearch, 'detached'>): void {
  const needed = new Set(detached.map((member) => member.generation));
  for (const { id } of stack.records()) if (!needed.has(id)) removeInstance(stack.project.stateDir, id);
}

/** Every recorded pid, for cleaning up what still names one of them when nothing of the stack lives. */
export const recordedPids = (stack: Stack): readonly number[] =>
  stack
    .records()
    .flatMap(({ server, members }) => [...(server ? [server] : []), ...members].map(({ pid }) => pid));

const isOf = ({ id, owner, server }: InstanceRecord, instance: Instance): boolean =>
  owner === 'upkeep' ? id === instance.id : server !== null && isSameProcess(server, instance.server);

const external = (stack: Stack, instance: Instance): InstanceRecord => ({
  schema: 1,
  // The global one: `status` would have to load node:crypto for this at each start.
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
