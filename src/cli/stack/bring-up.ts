/** Brings the stack up and verifies it: from what was prepared to a server that answers, and then to services that are ready. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Content } from '../../core/content.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import { formatEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { atStep } from '../../io/step.ts';
import { endMembers } from '../../processes/ladder.ts';
import { logKill } from '../../processes/kill-log.ts';
import { portHolders } from '../../processes/listeners.ts';
import { isAlive } from '../../processes/table.ts';
import { unbindablePorts } from '../../processes/unbindable.ts';
import type { ReadinessBudget } from '../../supervisor/await-ready.ts';
import { awaitReady } from '../../supervisor/await-ready.ts';
import { launchStack } from '../../supervisor/launch-stack.ts';
import type { Instance, Prepared } from '../../supervisor/port.ts';
import { removeInstance } from '../../processes/ledger.ts';
import { rememberProject, rootOfKey } from '../known-projects.ts';
import { leaving } from './interrupted.ts';
import type { Model } from './model.ts';
import { rolesOnly } from './model.ts';
import type { Stack } from './open-stack.ts';
import { reportOnPorts } from './port-reports.ts';
import { disproof, portsOf } from './proof.ts';
import { remember } from './remember.ts';
import type { StartRecord } from './state-records.ts';
import { writeApplied } from './state-records.ts';
import { takeDown } from './take-down.ts';
import { rivalryAfter, twoServers } from './two-servers.ts';

export interface BringUp {
  readonly prepared: Prepared;
  readonly model: Model;
  readonly start: StartRecord;
  /** The files to start from: the project's, or the kept copies after a broken save. */
  readonly files: readonly string[];
  /** null: upkeep's own place. An external instance comes back where it was. */
  readonly endpoint: Endpoint | null;
  /** The content this start runs on, read before the stop; null: unknown (git failed). */
  readonly content: Content | null;
  /** If it aborts before the server answers, what was launched is ended, and the stack is down. */
  readonly signal?: AbortSignal;
  /** A second Ctrl-C: what was launched is not waited for. */
  readonly hasten?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/** Before the server answers, devenv runs the project's enterShell, which may even install something. */
const noteAfterMs = 2_000;

/** Resolves when the server answers. The stack must be verified down before. `port-taken`: nothing was spawned. */
export async function spawnStack(stack: Stack, ask: BringUp): Promise<Result<Instance>> {
  const spawned = await spawnOnce(stack, ask);
  const rivalry = await rivalryAfter(stack, spawned);
  if (rivalry === null) return spawned;
  ask.onProgress?.(
    `somebody else started this stack in the same moment (pid ${rivalry.pid}): ending both, starting one …`,
  );
  const down = await takeDown(stack, rivalry.found, { model: ask.model });
  // One that comes now is told when the services are ready.
  return down.ok ? spawnOnce(stack, ask) : down;
}

async function spawnOnce(stack: Stack, ask: BringUp): Promise<Result<Instance>> {
  const taken = await takenPorts(stack, ask.model.allPorts);
  if (taken) return fail(taken);
  rememberProject(stack.project);
  const id = randomUUID();
  const note = (): void => ask.onProgress?.('waiting for the supervisor to answer …');
  const timer = setTimeout(note, noteAfterMs);
  const launched = await launchStack({
    id,
    project: stack.project,
    supervisor: stack.supervisor,
    prepared: ask.prepared,
    files: ask.files,
    endpoint: stack.supervisor.endpointOf(ask.prepared, ask.endpoint),
    env: ask.start.env,
    logFile: join(stack.project.stateDir, 'server.log'),
    like: ask.start.argv,
    ports: ask.model.allPorts,
    ...(ask.signal ? { signal: ask.signal } : {}),
  }).finally(() => clearTimeout(timer));
  if (!launched.ok) {
    await endGeneration(stack, id, ask.hasten);
    const files = nextFiles(stack, ask);
    if (files === null || !mayBeTheFiles.has(launched.failure.reason)) return leaving(launched, 'down');
    const isLast = files === ask.prepared.lastResort;
    const how = isLast ? 'as devenv itself would' : 'from the copies that were validated';
    ask.onProgress?.(`that failed: starting ${how} …`);
    return spawnOnce(stack, { ...ask, files });
  }
  const { instance } = launched.value;
  if (ask.content && instance.id) writeApplied(stack.project, instance.id, ask.content);
  if (instance.id) stack.supervisor.keepGood?.(ask.prepared, instance.id);
  await atStep('applied-written');
  return ok(instance);
}

/** What to start from where `ask.files` would not do; null: nothing is left. */
function nextFiles({ supervisor }: Stack, { prepared, files }: BringUp): readonly string[] | null {
  if (files === prepared.lastResort || !supervisor.copiesAreSafer) return null;
  return (files === prepared.copies ? prepared.lastResort : prepared.copies) ?? null;
}

/** null: every port is free. Nothing of the stack runs, so whoever holds one is somebody else. */
async function takenPorts(stack: Stack, ports: readonly number[]): Promise<Failure | null> {
  const listening = portHolders(ports, (key) => rootOfKey(key, null));
  const held = new Set(listening.map(({ port }) => port));
  const bound = await unbindablePorts(ports.filter((port) => !held.has(port)));
  if (listening.length === 0 && bound.length === 0) return null;
  const reports = await reportOnPorts(stack, [...held, ...bound]);
  const others = reports.filter(({ port }) => bound.includes(port)).flatMap(({ claims }) => claims);
  return { reason: 'port-taken', holders: [...listening, ...others], reports };
}

/** It ended before it answered, or never answered: its files may be to blame. */
const mayBeTheFiles: ReadonlySet<Failure['reason']> = new Set<Failure['reason']>([
  'server-exited',
  'endpoint-absent',
  'endpoint-refused',
]);

/** After a server that took too long, lost its endpoint to another one, or died at once: ends what it started. */
async function endGeneration(stack: Stack, id: string, hasten?: AbortSignal): Promise<void> {
  const launched = stack.records().find((record) => record.id === id)?.server;
  const ended = await endMembers({
    find: () => stack.members(null).filter((member) => member.generation === id),
    graceMs: stack.config.stop.graceMs,
    serversLast: true,
    onSignal: (sent) => logKill(stack.project.stateDir, sent),
    ...(hasten ? { hasten } : {}),
  });
  if (ended.survivors.length > 0) return;
  if (launched) await stack.supervisor.cleanUp([launched.pid]);
  removeInstance(stack.project.stateDir, id);
}

export interface WaitUntilReady {
  readonly instance: Instance;
  readonly model: Model;
  readonly explicitMs: number | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { waitedMs: number; waitingFor: readonly string[] }) => void;
}

const hasEnded = ({ server, endpoint }: Instance): Failure | null => {
  const detail = 'the supervisor that was waited for has ended';
  return isAlive(server) ? null : { reason: 'endpoint-closed', endpoint: formatEndpoint(endpoint), detail };
};

/** Resolves when the stack is ready and proved to be this one. Brings the ledger up to date, whatever the result. */
export async function waitUntilReady(stack: Stack, ask: WaitUntilReady): Promise<Result<void>> {
  const { instance, model } = ask;
  const budget: ReadinessBudget = { ...stack.config.ready, explicitMs: ask.explicitMs };
  const ready = await awaitReady({
    control: stack.supervisor.connect(instance.endpoint),
    replaced: () => hasEnded(instance),
    definitions: model.services,
    roles: rolesOnly(model),
    budget,
    disproof: () => disproof(stack, instance, model),
    portsOf: (service) => portsOf(model, service),
    ...(ask.signal ? { signal: ask.signal } : {}),
    ...(ask.onProgress ? { onProgress: ask.onProgress } : {}),
  });
  remember(stack, instance, stack.members(instance.server));
  const two = twoServers(stack, instance);
  return two ? fail(two) : leaving(ready, 'starting');
}
