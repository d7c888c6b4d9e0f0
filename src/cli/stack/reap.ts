/** What `reap` would end and remove, and doing exactly that; a running stack and whatever is not proved stay as they are. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { ReapPlan, Running } from '../../core/process-report.ts';
import { isLeftover } from '../../core/process-report.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { hostOf } from '../../processes/caller.ts';
import { logKill } from '../../processes/kill-log.ts';
import type { SentSignal } from '../../processes/ladder.ts';
import { endpointOwners } from '../../processes/listeners.ts';
import type { Member, MemberSearch } from '../../processes/members.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isStaleSocket, removeStaleSocket } from '../../supervisor/stale-socket.ts';
import { stopStack } from '../../supervisor/stop-stack.ts';
import { readModel } from './model.ts';
import type { Stack } from './open-stack.ts';
import { recordedPids } from './remember.ts';
import { reportAs, reportMember, runningInstance, runningOf } from './process-list.ts';
import { judgeRecords, removeRecord } from './reap-records.ts';

export interface Planned {
  readonly plan: ReapPlan;
  /** null: nothing runs, and everything that is proved ours is a leftover. */
  readonly instance: Instance | null;
}

/** Reads only. A server that hangs counts as running: to end it is the business of `stop` and `restart`. */
export async function planReap(stack: Stack): Promise<Planned> {
  const { instance, search } = await look(stack);
  const { members, detached, beyond } = search;
  const running = runningOf(stack, instance);
  const leftovers = leftoversOf(members, running);
  // What left the stack keeps its record, too: without it somebody might take it for an orphan.
  const stays = [...members.filter((member) => !leftovers.includes(member)), ...detached, ...beyond];
  const inUse = generationsOf(stays).union(running?.ids ?? new Set<string>());
  const records = judgeRecords(stack.project.stateDir, { inUse, ending: generationsOf(leftovers) });
  return {
    instance,
    plan: {
      processes: leftovers.map((member) => reportMember(stack, member, running)),
      sockets: await staleSockets(stack, leftovers),
      records: records.filter(({ remove }) => remove).map(plain),
      kept: records.filter(({ remove, used }) => !remove && !used).map(plain),
      detached: detached.map((member) => reportAs('detached', member)),
    },
  };
}

export interface Reaped {
  readonly signals: readonly SentSignal[];
}

/** The caller holds the operation lock, and planned under it. `survivors` when something could not be ended; then no record goes. */
export async function carryOut(
  stack: Stack,
  { plan, instance }: Planned,
  options: { hasten?: AbortSignal } = {},
): Promise<Result<Reaped>> {
  const host = instance === null ? hostOf(stack.records(), []) : null;
  if (host && plan.processes.length > 0) {
    const { pid, command } = host.row;
    return fail({ reason: 'inside-stack', service: host.service, pid, command });
  }
  const running = runningOf(stack, instance);
  let signals: readonly SentSignal[] = [];
  if (plan.processes.length > 0) {
    const model = await readModel(stack, instance);
    const ended = await stopStack({
      control: null, // whoever answers is the running stack, which is not to be asked for anything
      instance: null,
      definition: model.ok ? model.value.definition : null,
      findMembers: () => leftoversOf(stack.search(instance?.server ?? null).members, running),
      ports: [],
      graceMs: stack.config.stop.graceMs,
      onSignal: (sent) => logKill(stack.project.stateDir, sent),
      ...(options.hasten ? { hasten: options.hasten } : {}),
    });
    if (!ended.ok) return ended;
    signals = ended.value.signals;
  }
  if (instance === null)
    stack.supervisor.cleanUp([...plan.processes.map(({ pid }) => pid), ...recordedPids(stack)]);
  for (const path of plan.sockets) await removeStaleSocket({ kind: 'unix', path });
  for (const { path } of plan.records) removeRecord(path);
  return ok({ signals });
}

const leftoversOf = (members: readonly Member[], running: Running | null): readonly Member[] =>
  members.filter((member) => isLeftover({ pid: member.row.pid, ...member }, running));

/** What seems to be left of a crash may be a server in its first moments, which had no socket when we looked. */
async function look(stack: Stack): Promise<{ instance: Instance | null; search: MemberSearch }> {
  let instance = runningInstance(await stack.supervisor.find());
  let search = stack.search(instance?.server ?? null);
  if (instance === null && search.members.length > 0) {
    instance = runningInstance(await stack.supervisor.find());
    if (instance) search = stack.search(instance.server);
  }
  return { instance, search };
}

const generationsOf = (members: readonly Member[]): Set<string> =>
  new Set(members.flatMap(({ generation }) => generation ?? []));

const plain = ({ path, because }: { path: string; because: string }) => ({ path, because });

/** In our own directory and where recorded instances listened; somebody else's place is not ours to tidy. */
async function staleSockets(stack: Stack, leftovers: readonly Member[]): Promise<string[]> {
  const recorded = stack.records().flatMap(({ endpoint }) => parseEndpoint(endpoint) ?? []);
  const paths = new Set([...socketsIn(stack.project.socketDir), ...recorded.flatMap(pathOf)]);
  const ending = new Set(leftovers.map(({ row }) => row.pid));
  const stale: string[] = [];
  for (const path of paths) {
    const owners = endpointOwners({ kind: 'unix', path });
    const willBe = owners.length > 0 && owners.every((pid) => ending.has(pid));
    if (willBe || (await isStaleSocket({ kind: 'unix', path }))) stale.push(path);
  }
  return stale;
}

const pathOf = (endpoint: Endpoint): string[] => (endpoint.kind === 'unix' ? [endpoint.path] : []);

function socketsIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.sock'))
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}
