/** Starts a headless server with marker and canary, records it so that nothing is lost in a crash, and waits until it answers. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint, socketPathLimit } from '../core/endpoint.ts';
import type { Environment } from '../core/environment.ts';
import type { ProcessId } from '../core/process.ts';
import type { Project } from '../core/project.ts';
import { formatMarker, markerName } from '../core/project.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { discard } from '../io/discard.ts';
import { ensurePrivateDirectory } from '../io/private-directory.ts';
import { launch } from '../io/launch.ts';
import { atStep } from '../io/step.ts';
import { bootId } from '../processes/boot.ts';
import type { InstanceRecord } from '../processes/ledger.ts';
import { createCanary, removeInstance, writeInstance } from '../processes/ledger.ts';
import { readRow } from '../processes/table.ts';
import { awaitLive } from './await-live.ts';
import type { Instance, LaunchCommand, Prepared, Supervisor } from './port.ts';
import { removeStaleSocket } from './stale-socket.ts';

export interface LaunchStack {
  /** The uuid of the new instance. */
  readonly id: string;
  readonly project: Project;
  readonly supervisor: Supervisor;
  readonly prepared: Prepared;
  /** The files to start from: the project's own, or the kept copies. */
  readonly files: readonly string[];
  readonly endpoint: Endpoint;
  readonly env: Environment;
  readonly logFile: string;
  /** Command line of the server that this one replaces, for its names and flags; null: a plain start. */
  readonly like: readonly string[] | null;
  readonly ports: readonly number[];
  /** Ends the wait for the first answer, but not what was launched. */
  readonly signal?: AbortSignal;
}

export interface LaunchedStack {
  readonly instance: Instance;
  readonly record: InstanceRecord;
}

/**
 * The stack must be verified down before. It is recorded before it is spawned, and again with its pid: whatever dies in between,
 * the record knows the ports and the canary, and the marker shows the processes. On failure the caller ends what `id` marks.
 */
export async function launchStack(ask: LaunchStack): Promise<Result<LaunchedStack>> {
  const { id, project, supervisor, prepared, endpoint } = ask;
  const unfit = prepareEndpoint(endpoint);
  if (unfit) return unfit;
  const canary = createCanary(project.stateDir, id);
  if (!canary.ok) return canary;
  const command = supervisor.serverCommand(prepared, {
    files: ask.files,
    endpoint,
    logFile: ask.logFile,
    like: ask.like,
    carry: { [markerName]: formatMarker({ key: project.key, uuid: id }) },
  });
  const { argv, outputFile } = command;
  const planned: InstanceRecord = {
    schema: 1,
    id,
    key: project.key,
    root: project.root,
    bootId: bootId(),
    owner: 'upkeep',
    server: null,
    endpoint: formatEndpoint(endpoint),
    startedAt: new Date().toISOString(),
    argv,
    cwd: project.root,
    files: ask.files,
    canary: canary.value,
    members: [],
    ports: ask.ports,
    services: prepared.definition.services.map((service) => service.name),
    fingerprint: prepared.definition.fingerprint,
  };
  const foreseen = writeInstance(project.stateDir, planned);
  if (!foreseen.ok) return foreseen;
  await atStep('instance-recorded');
  // A socket left by a crash makes some launch scripts try to attach to it for ever.
  await removeStaleSocket(endpoint);
  using _around = command.around?.() ?? null;
  const started = await launch(argv, {
    cwd: project.root,
    env: environmentOf(ask, command, id),
    errorFile: `${ask.logFile}.stderr`,
    ...(outputFile === null ? {} : { outputFile }),
    canaryFile: canary.value.path,
  });
  if (!started.ok) {
    removeInstance(project.stateDir, id);
    return started;
  }
  const { pid } = started.value;
  await atStep('spawned');
  // '0': it has already ended and was reaped; no process has that start time.
  const launched = { pid, startTime: readRow(pid)?.startTime ?? '0' };
  if (command.pidFile !== null) writePidFile(command.pidFile, pid);
  const record: InstanceRecord = { ...planned, server: launched };
  const written = writeInstance(project.stateDir, record);
  if (!written.ok) return written;
  await atStep('server-recorded');
  const control = supervisor.connect(endpoint);
  const live = await awaitLive({
    control,
    endpoint,
    launched,
    id,
    timeoutMs: command.liveTimeoutMs,
    readLog: () => serverLog(outputFile ?? ask.logFile),
    ...(ask.signal ? { signal: ask.signal } : {}),
  });
  if (!live.ok && live.failure.reason === 'instance-foreign')
    return fail({ ...live.failure, inProject: live.failure.cwd === project.root });
  if (!live.ok) {
    const exit = await Promise.race([started.value.exited, sleep(50, null)]);
    if (live.failure.reason !== 'server-exited') return live;
    return fail({ ...live.failure, exitCode: exit?.exitCode ?? null, signal: exit?.signal ?? null });
  }
  const server = live.value;
  await atStep('live');
  if (server.pid !== pid) recordServer(project, record, server);
  const instance: Instance = {
    id,
    owner: 'upkeep',
    endpoint,
    server,
    argv,
    cwd: project.root,
    onTerminal: false,
  };
  return ok({ instance, record });
}

function environmentOf(ask: LaunchStack, { env }: LaunchCommand, uuid: string): NodeJS.ProcessEnv {
  const { root, key } = ask.project;
  return { ...ask.env, PWD: root, [markerName]: formatMarker({ key, uuid }), ...env };
}

/** Decimal, without newline, as devenv writes it; atomically. Only devenv misses one that cannot be written. */
function writePidFile(path: string, pid: number): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, String(pid));
    renameSync(draft, path);
  } catch {
    discard(draft); // `devenv processes down` will not find it; `upkeep stop` does
  }
}

/** Records the server; what was launched is a wrapper, which leads the session and becomes a member. */
function recordServer(project: Project, record: InstanceRecord, server: ProcessId): void {
  const wrapper = record.server;
  const members = wrapper
    ? [{ ...wrapper, service: null, group: wrapper.pid, session: wrapper.pid }]
    : record.members;
  writeInstance(project.stateDir, { ...record, server, members });
}

/** null: a server can listen there. Its directory is made, or checked. Idempotent, so also asked before a stop. */
export function prepareEndpoint(endpoint: Endpoint): Result<never> | null {
  if (endpoint.kind !== 'unix') return null;
  if (Buffer.byteLength(endpoint.path) > socketPathLimit) {
    return fail({ reason: 'socket-path-too-long', path: endpoint.path, limit: socketPathLimit });
  }
  const directory = ensurePrivateDirectory(dirname(endpoint.path));
  return directory.ok ? null : directory;
}

/** The last lines of the server's log without colours; only the errors, if there are any. */
function serverLog(path: string): readonly string[] {
  try {
    const lines = stripVTControlCharacters(readFileSync(path, 'utf8')).trimEnd().split('\n');
    const trouble = lines.filter((line) => / (?:FTL|ERR) /.test(line));
    return (trouble.length > 0 ? trouble : lines).slice(-20);
  } catch {
    return []; // it did not get as far as its log
  }
}
