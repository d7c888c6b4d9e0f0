/** The supervisor port for plain process-compose: everything but the TUI and the dry run goes over its HTTP API. */
import { join } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Project } from '../../core/project.ts';
import { ok } from '../../core/result.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import type { Supervisor } from '../port.ts';
import { rivalOf } from '../rival.ts';
import { connectControl, watchServer } from '../process-compose/client.ts';
import { attachCommand, serverCommand } from '../process-compose/command.ts';
import { lastDefinition, readDefinition } from '../process-compose/definition/read-definition.ts';
import { discover, isServerOfProject } from '../process-compose/discover.ts';
import { prepare } from './prepare.ts';
import { readServerArguments } from '../process-compose/server-arguments.ts';

export interface ProcessComposeSetting {
  readonly project: Project;
  /** From upkeep.yaml. */
  readonly configured: Endpoint | null;
  /** More files that shape the configuration (`config:` of upkeep.yaml), absolute. */
  readonly moreInputs: readonly string[];
  /** PC_API_TOKEN of the caller. */
  readonly token: string | null;
  readonly records: () => readonly InstanceRecord[];
}

const liveTimeoutMs = 10_000;

export function processCompose(setting: ProcessComposeSetting): Supervisor {
  const { project, configured, token } = setting;
  const connect = (endpoint: Endpoint) => connectControl(endpoint, { token });
  const filesLike = (like: readonly string[] | null): readonly string[] => {
    const named = like ? readServerArguments(like, project.root).files : [];
    return named.length > 0 ? named : project.configFiles;
  };
  const cacheFile = join(project.stateDir, 'definition.cache');
  const define: Supervisor['define'] = async (env, like) => {
    const read = await readDefinition(filesLike(like), { root: project.root, env, cacheFile });
    if (!read.ok) return read;
    return ok({ ...read.value, inputs: [...new Set([...read.value.inputs, ...setting.moreInputs])] });
  };
  const binary: Supervisor['binary'] = async (request) => {
    const { findBinary } = await import('../process-compose/binary/find-binary.ts');
    const found = await findBinary({
      running: request.runningBinary,
      env: process.env,
      onProgress: request.onProgress,
      ...(request.signal ? { signal: request.signal } : {}),
    });
    return found.ok ? ok(found.value.path) : found;
  };
  return {
    manager: 'process-compose',
    define,
    lastDefined: (env, like) => lastDefinition(filesLike(like), { root: project.root, env, cacheFile }),
    binary,
    connect,
    watchServer,
    find: (ask) =>
      discover({
        records: setting.records(),
        isServer: (row) => isServerOfProject(row, project),
        endpoints: configured ? [configured, ownEndpoint(project)] : [ownEndpoint(project)],
        configured,
        connect,
        ask,
      }),
    rivalOf: (instance) => rivalOf(instance, (row) => isServerOfProject(row, project)),
    prepare: (request) => prepare({ project, define, binary, filesLike }, request),
    copiesAreSafer: false,
    endpointOf: (_, wanted) => wanted ?? ownEndpoint(project),
    serverCommand: (prepared, ask) => ({
      argv: serverCommand({
        binary: prepared.binary,
        files: ask.files,
        endpoint: ask.endpoint,
        logFile: ask.logFile,
        like: ask.like ? readServerArguments(ask.like, project.root) : null,
      }),
      env: {},
      outputFile: null,
      pidFile: null,
      liveTimeoutMs,
    }),
    attachCommand,
    wrappersOf: () => [],
    cleanUp: () => undefined,
    wroteItself: () => false,
  };
}

/** Where upkeep's own servers listen. */
const ownEndpoint = (project: Project): Endpoint => ({
  kind: 'unix',
  path: join(project.socketDir, 'pc.sock'),
});
