/** Plans what `reap` ends and removes, and does exactly that; a running stack and whatever is not proved are left alone. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { ReapPlan, Running } from '../../core/process-report.ts';
import { isLeftover } from '../../core/process-report.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { hostOf } from '../../processes/caller.ts';
import { logKill } from '../../processes/kill-log.ts';
import type { SentSignal } from '../../processes/ladder.ts';
import { endpointOwners } from '../../processes/listeners.ts';
import type { Member, MemberSearch } from '../../processes/members.ts';
import { belongingTo } from '../../processes/strays.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isStaleSocket, removeStaleSocket } from '../../supervisor/stale-socket.ts';
import { stopStack } from '../../supervisor/stop-stack.ts';
import { readModel } from './model.ts';
import type { Stack } from './open-stack.ts';
import { recordedPids } from './remember.ts';
import { reportAs, reportMember, reportStray, runningOf } from './process-list.ts';
import { judgeRecords, removeRecord } from './reap-records.ts';

export interface Planned {
  readonly plan: ReapPlan;
  /** Pids without proof that a person named, with what belongs to them. */
  readonly chosen: ReadonlySet<number>;
  /** null: nothing runs, and everything that is proved ours is a leftover. */
  readonly instance: Instance | null;
}

/** Only reads. A server that hangs counts as running: ending it is for `stop` and `restart`. */
export async function planReap(stack: Stack, named: readonly number[] = []): Promise<Result<Planned>> {
  const { instance, search } = await look(stack);
  const { members, detached, beyond } = search;
  const strays = search.strays();
  const chosen = belongingTo(strays, new Set(named));
  const running = runningOf(stack, instance);
  const leftovers = leftoversOf(members, running);
  // What left the stack keeps its record too: without it, it could be taken for an orphan.
  const stays = [...members.filter((member) => !leftovers.includes(member)), ...detached, ...beyond];
  const inUse = generationsOf(stays).union(running?.ids ?? new Set<string>());
  const records = judgeRecords(stack.project.stateDir, { inUse, ending: generationsOf(leftovers) });
  const unknown = named.find((pid) => ![...leftovers, ...chosen].some(({ row }) => row.pid === pid));
  if (unknown !== undefined) return fail(notNameable(unknown));
  return ok({
    instance,
    chosen: new Set(chosen.map(({ row }) => row.pid)),
    plan: {
      processes: [
        ...leftovers.map((member) => reportMember(stack, member, running)),
        ...chosen.map(reportStray),
      ],
      strays: strays.filter((member) => !chosen.includes(member)).map(reportStray),
      sockets: await staleSockets(stack, leftovers),
      records: records.filter(({ remove }) => remove).map(plain),
      kept: records.filter(({ remove, used }) => !remove && !used).map(plain),
      detached: detached.map((member) => reportAs('detached', member)),
    },
  });
}

/** Whatever a person types: a pid that does not even look like ours is not signalled. */
const notNameable = (pid: number): Failure => ({
  reason: 'usage',
  message: `pid ${pid} is not a leftover of this project, and does not look like a service that lost its supervisor: it was not touched.`,
  hint: "`upkeep ps` lists what is this project's, and what only looks like it.",
});

export interface Reaped {
  readonly signals: readonly SentSignal[];
}

/** The caller holds the operation lock, and planned under it. `survivors`: not everything ended, and no record was removed. */
export async function carryOut(
  stack: Stack,
  { plan, instance, chosen }: Planned,
  options: { hasten?: AbortSignal } = {},
): Promise<Result<Reaped>> {
  const running = runningOf(stack, instance);
  // From inside the running stack, what an earlier one left may still be ended.
  const host = hostOf(
    stack.records().filter(({ id }) => !running?.ids.has(id)),
    [],
  );
  if (host && plan.processes.length > 0) {
    const { pid, command } = host.row;
    return fail({ reason: 'inside-stack', service: host.service, pid, command });
  }
  let signals: readonly SentSignal[] = [];
  if (plan.processes.length > 0) {
    const model = await readModel(stack, instance);
    const ended = await stopStack({
      control: null, // whoever answers is the running stack, which is left alone
      instance: null,
      definition: model.ok ? model.value.definition : null,
      findMembers: () => {
        const { members, strays } = stack.search(instance?.server ?? null);
        return [...leftoversOf(members, running), ...belongingTo(chosen.size > 0 ? strays() : [], chosen)];
      },
      ports: [],
      graceMs: stack.config.stop.graceMs,
      onSignal: (sent) => logKill(stack.project.stateDir, sent),
      ...(options.hasten ? { hasten: options.hasten } : {}),
    });
    if (!ended.ok) return ended;
    signals = ended.value.signals;
  }
  if (instance === null)
    await stack.supervisor.cleanUp([...plan.processes.map(({ pid }) => pid), ...recordedPids(stack)]);
  for (const path of plan.sockets) await removeStaleSocket({ kind: 'unix', path });
  for (const { path } of plan.records) removeRecord(path);
  return ok({ signals });
}

const leftoversOf = (members: readonly Member[], running: Running | null): readonly Member[] =>
  members.filter((member) => isLeftover({ pid: member.row.pid, ...member }, running));

/** What looks like the rest of a crash may be a server that has just started and had no socket yet. */
async function look(stack: Stack): Promise<{ instance: Instance | null; search: MemberSearch }> {
  let instance = instanceOf(await stack.supervisor.find());
  let search = stack.search(instance?.server ?? null);
  if (instance === null && search.members.length > 0) {
    instance = instanceOf(await stack.supervisor.find());
    if (instance) search = stack.search(instance.server);
  }
  return { instance, search };
}

const generationsOf = (members: readonly Member[]): Set<string> =>
  new Set(members.flatMap(({ generation }) => generation ?? []));

const plain = ({ path, because }: { path: string; because: string }) => ({ path, because });

/** Only in our own directory and where recorded instances listened; other places are not ours to clean up. */
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
