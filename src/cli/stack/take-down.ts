/** Takes everything down and verifies it: the running instance and what earlier ones left behind, whoever started them. */
import { formatEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { ProcessId } from '../../core/process.ts';
import type { Result } from '../../core/result.ts';
import type { Survivor } from '../../core/trouble.ts';
import { fail, ok } from '../../core/result.ts';
import { atStep } from '../../io/step.ts';
import { hostOf } from '../../processes/caller.ts';
import { logKill } from '../../processes/kill-log.ts';
import type { MemberSearch } from '../../processes/members.ts';
import { readRow } from '../../processes/table.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import { instanceOf, isSameServer } from '../../supervisor/instance.ts';
import type { StopReport } from '../../supervisor/stop-stack.ts';
import { stopStack } from '../../supervisor/stop-stack.ts';
import type { Model } from './model.ts';
import { readModel } from './model.ts';
import type { Stack } from './open-stack.ts';
import { everybody } from './open-stack.ts';
import { forget, recordedPids, remember } from './remember.ts';

export interface TakenDown extends StopReport {
  /** null: nothing ran. */
  readonly instance: Instance | null;
  /** How many processes a crash had left: ended although no supervisor answered. */
  readonly leftovers: number;
}

export interface TakeDown {
  readonly hasten?: AbortSignal;
  /** What is on disk, for a caller that has just read it. */
  readonly model?: Model;
  /** The processes of the instance `expected`, from a caller that looked at them a moment ago. */
  readonly looked?: MemberSearch;
}

/**
 * Idempotent. The caller holds the operation lock. Fails with `instance-foreign` (something else listens at our endpoint),
 * `inside-stack` (it would end its own caller), or `survivors`.
 */
export async function takeDown(
  stack: Stack,
  expected: Found,
  options: TakeDown = {},
): Promise<Result<TakenDown>> {
  if (expected.is === 'foreign') return fail(foreign(expected));
  let last = options.looked ?? stack.search(serverOf(expected));
  // What looks like the rest of a crash may be a server that has just started and had no socket yet.
  const isLeft = expected.is === 'none' && everybody(last).length > 0;
  const found = isLeft ? await stack.supervisor.find() : expected;
  if (found.is === 'foreign') return fail(foreign(found));
  const instance = found.is === 'none' ? null : found.instance;
  const server = serverOf(found);
  const host = hostOf(stack.records(), server ? [server] : []);
  if (host) {
    const { pid, command } = host.row;
    return fail({ reason: 'inside-stack', service: host.service, pid, command });
  }
  if (found !== expected) last = stack.search(server);
  const before = everybody(last);
  if (!instance && before.length === 0) {
    await stack.supervisor.cleanUp(recordedPids(stack));
    forget(stack, last);
    return ok({ instance: null, leftovers: 0, signals: [], held: [], ms: 0 });
  }
  if (instance) remember(stack, instance, before);
  const model = options.model ? ok(options.model) : await readModel(stack, instance);
  const recordedPorts = stack.records().flatMap((record) => record.ports);
  const report = await stopStack({
    control: found.is === 'running' ? stack.supervisor.connect(found.instance.endpoint) : null,
    instance,
    definition: model.ok ? model.value.definition : null,
    findMembers: () => everybody((last = stack.search(server))),
    ports: [...new Set([...recordedPorts, ...(model.ok ? model.value.allPorts : [])])],
    graceMs: stack.config.stop.graceMs,
    hook: instance ? (stack.supervisor.stopHook?.(instance.server) ?? null) : null,
    onSignal: (sent) => logKill(stack.project.stateDir, sent),
    ...(options.hasten ? { hasten: options.hasten } : {}),
  });
  if (!report.ok) return report;
  // Somebody may have started a second one on another socket: one stack or none.
  const afterwards = await stack.supervisor.find();
  const other = instanceOf(afterwards);
  if (instance && other && isSameServer(other, instance))
    return fail({ reason: 'survivors', survivors: survivingServer(instance), ports: report.value.held });
  if (instance && other) {
    const rest = await takeDown(stack, afterwards, options.hasten ? { hasten: options.hasten } : {});
    return rest.ok ? ok(joined({ ...report.value, instance, leftovers: 0 }, rest.value)) : rest;
  }
  await stack.supervisor.cleanUp([...before.map(({ row }) => row.pid), ...recordedPids(stack)]);
  forget(stack, last);
  await atStep('records-removed');
  return ok({ ...report.value, instance, leftovers: instance ? 0 : before.length });
}

/** It still answers: whatever kept it from being ended, it was not stopped. */
function survivingServer({ server }: Instance): Survivor[] {
  const row = readRow(server.pid);
  return row ? [{ ...row, service: null, evidence: ['answers at the endpoint'] }] : [];
}

const serverOf = (found: Found): ProcessId | null => instanceOf(found)?.server ?? null;

const joined = (first: TakenDown, second: TakenDown): TakenDown => ({
  instance: first.instance,
  leftovers: first.leftovers + second.leftovers,
  signals: [...first.signals, ...second.signals],
  held: second.held,
  ms: first.ms + second.ms,
});

export const foreign = (found: Extract<Found, { is: 'foreign' }>): Failure => ({
  reason: 'instance-foreign',
  endpoint: formatEndpoint(found.endpoint),
  pid: found.pid,
  cwd: found.cwd,
  command: found.command,
});
