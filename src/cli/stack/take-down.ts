/** Down, verified: the running instance and what earlier ones left behind, whoever started them. */
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
import { isSameServer } from '../../supervisor/same-server.ts';
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
  /** Ended although no supervisor answered: what a crash had left. */
  readonly leftovers: number;
}

export interface TakeDown {
  readonly hasten?: AbortSignal;
  /** What is on disk, for a caller that has just read it. */
  readonly model?: Model;
  /** The processes of the instance `seen`, for a caller that has looked at them within these milliseconds. */
  readonly looked?: MemberSearch;
}

/** Idempotent; the caller holds the operation lock. `instance-foreign` when something else sits on our endpoint, `inside-stack`. */
export async function takeDown(
  stack: Stack,
  seen: Found,
  options: TakeDown = {},
): Promise<Result<TakenDown>> {
  if (seen.is === 'foreign') return fail(foreign(seen));
  let last = options.looked ?? stack.search(serverOf(seen));
  // What is left of a crash may be a server in its first moments, which had no socket when we looked.
  const isLeft = seen.is === 'none' && everybody(last).length > 0;
  const found = isLeft ? await stack.supervisor.find() : seen;
  if (found.is === 'foreign') return fail(foreign(found));
  const instance = found.is === 'none' ? null : found.instance;
  const server = serverOf(found);
  const host = hostOf(stack.records(), server ? [server] : []);
  if (host) {
    const { pid, command } = host.row;
    return fail({ reason: 'inside-stack', service: host.service, pid, command });
  }
  if (found !== seen) last = stack.search(server);
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
  const other = await stack.supervisor.find();
  if (
    instance &&
    (other.is === 'running' || other.is === 'unreachable') &&
    isSameServer(other.instance, instance)
  )
    return fail({ reason: 'survivors', survivors: survivingServer(instance), ports: report.value.held });
  if (instance && isAnother(other, instance)) {
    const rest = await takeDown(stack, other, options.hasten ? { hasten: options.hasten } : {});
    return rest.ok ? ok(joined({ ...report.value, instance, leftovers: 0 }, rest.value)) : rest;
  }
  await stack.supervisor.cleanUp([...before.map(({ row }) => row.pid), ...recordedPids(stack)]);
  forget(stack, last);
  await atStep('records-removed');
  return ok({ ...report.value, instance, leftovers: instance ? 0 : before.length });
}

/** It answers after all: whatever kept it from being ended, this was no stop. */
function survivingServer({ server }: Instance): Survivor[] {
  const row = readRow(server.pid);
  return row ? [{ ...row, service: null, evidence: ['answers at the endpoint'] }] : [];
}

const serverOf = (found: Found): ProcessId | null =>
  found.is === 'running' || found.is === 'unreachable' ? found.instance.server : null;

const isAnother = (
  found: Found,
  than: Instance,
): found is Extract<Found, { is: 'running' | 'unreachable' }> =>
  (found.is === 'running' || found.is === 'unreachable') && !isSameServer(found.instance, than);

const joined = (first: TakenDown, second: TakenDown): TakenDown => ({
  instance: first.instance,
  leftovers: first.leftovers + second.leftovers,
  signals: [...first.signals, ...second.signals],
  held: second.held,
  ms: first.ms + second.ms,
});

export const foreign = (found: Extract<Found, { is: 'foreign' }>): Failure => ({
  reason: 'instance-foreign',
  endpoint:
    found.endpoint.kind === 'unix'
      ? `unix:${found.endpoint.path}`
      : `http://${found.endpoint.host}:${found.endpoint.port}`,
  pid: found.pid,
  cwd: found.cwd,
  command: found.command,
});
