/** Finds the running process-compose of this project, whoever started it: by process, never by an environment variable. */
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import { formatEndpoint, parseEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { ProcessRow } from '../../core/process.ts';
import { isDead } from '../../core/process.ts';
import type { Project } from '../../core/project.ts';
import { readArgv, readCwd, readVariables, readExe, readMarks } from '../../processes/evidence.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { endpointOwners, endpointsOf } from '../../processes/listeners.ts';
import { descendsFrom, isAlive, readRow, readTable } from '../../processes/table.ts';
import { endsSoon } from '../../processes/wait-gone.ts';
import type { AskIfAlive, Control, Found, Instance } from '../port.ts';
import { isDefaultName } from './files.ts';
import { followRename } from './moved-root.ts';
import { readServerArguments, withVariables } from './server-arguments.ts';

export interface Search {
  readonly records: readonly InstanceRecord[];
  /** The proof: this process runs the services of the project. Whether it listens is checked separately. */
  readonly isServer: (row: ProcessRow) => boolean;
  /** Where a server of the project would listen: somebody else there would be in the way. */
  readonly endpoints: readonly Endpoint[];
  /** From upkeep.yaml, one of these; null: none is configured. */
  readonly configured: Endpoint | null;
  readonly connect: (endpoint: Endpoint) => Control;
  readonly ask: AskIfAlive | undefined;
}

/**
 * The instance of this project, proved by the process that holds the listening socket: its directory is the root and
 * its configuration files are the project's. Something else on an endpoint of ours is `foreign`.
 */
export async function discover(search: Search): Promise<Found> {
  const recorded = fromRecords(search);
  const servers = recorded.length > 0 ? recorded : fromTable(search);
  const silent: { instance: Instance; failure: Failure }[] = [];
  for (const instance of servers) {
    const control = search.connect(instance.endpoint);
    const live = await (search.ask ? search.ask(instance, control) : control.live());
    if (live.ok) return { is: 'running', instance };
    const hungUp = hangUps.has(live.failure.reason);
    const ended = hungUp ? await endsSoon(instance.server) : !isAlive(instance.server);
    if (!ended) silent.push({ instance, failure: whySilent(instance, live.failure) });
  }
  const [first] = silent;
  return first ? { is: 'unreachable', ...first } : await strangerOnOurEndpoint(search);
}

/** For a server that is known to live, "nothing is there" is no answer. */
function whySilent({ server, endpoint }: Instance, failure: Failure): Failure {
  const removed = failure.reason === 'endpoint-absent' || failure.reason === 'endpoint-refused';
  return removed
    ? { reason: 'server-unreachable', endpoint: formatEndpoint(endpoint), pid: server.pid }
    : failure;
}

/** The server may be ending: until its last thread has ended, its socket takes connections that nothing answers. */
const hangUps: ReadonlySet<string> = new Set(['endpoint-absent', 'endpoint-refused', 'endpoint-closed']);

/** The fast way: a recorded server that still lives needs no look at the whole table. */
function fromRecords(search: Search): Instance[] {
  return search.records.flatMap((record) => {
    const row = record.server && readRow(record.server.pid);
    const endpoint = parseEndpoint(record.endpoint);
    if (!row || !endpoint || isDead(row) || row.startTime !== record.server?.startTime) return [];
    // If it was recorded between its launch and its first answer, this is the wrapper above the server.
    const server = isProcessCompose(row.pid) ? row : (serverBelow(row, endpoint) ?? row);
    return [describe(server, { endpoint, id: record.owner === 'upkeep' ? record.id : null })];
  });
}

function fromTable(search: Search): Instance[] {
  const uid = process.getuid?.() ?? -1;
  const found: Instance[] = [];
  const servers = readTable().filter(
    (row) => row.uid === uid && row.pid !== process.pid && !isDead(row) && search.isServer(row),
  );
  for (const row of servers) {
    // Between fork and exec a service looks like its server.
    if (servers.some(({ pid }) => pid === row.parent)) continue;
    // It listens on one endpoint; a client (`attach`, `process logs`) on none.
    const [endpoint] = endpointsOf(row.pid);
    if (endpoint) found.push(describe(row, { endpoint, id: plannedId(search, row) }));
  }
  return found;
}

/** The id of a server of ours that was launched right before upkeep was killed: recorded as planned, and marked. */
function plannedId(search: Search, { pid }: ProcessRow): string | null {
  const planned = search.records.filter(({ server, owner }) => server === null && owner === 'upkeep');
  if (planned.length === 0) return null;
  const { marker } = readMarks(pid, []);
  return planned.find(({ key, id }) => key === marker?.key && id === marker.uuid)?.id ?? null;
}

function serverBelow(wrapper: ProcessRow, endpoint: Endpoint): ProcessRow | null {
  for (const pid of endpointOwners(endpoint)) {
    const owner = readRow(pid);
    if (owner && descendsFrom(owner, wrapper)) return owner;
  }
  return null;
}

/** It runs in the root, on files of the project. */
export function isServerOfProject(row: ProcessRow, project: Project): boolean {
  return runsIn(row, project.root) && usesProjectFiles(commandLine(row.pid), project);
}

/** A process-compose whose directory is `root`. */
export function runsIn(row: ProcessRow, root: string): boolean {
  if (!isProcessCompose(row.pid)) return false;
  // The kernel adds this to a removed directory, even if another one has its name by now.
  return readCwd(row.pid)?.replace(/ \(deleted\)$/, '') === root;
}

export function commandLine(pid: number): readonly string[] {
  const variables = readVariables(pid) ?? {};
  return followRename(withVariables(readArgv(pid) ?? [], variables), readCwd(pid), variables);
}

/** Only says which processes are worth a look; the proof is the rest. nix wraps the program as `.process-compose-wrapped`. */
const isProcessCompose = (pid: number): boolean =>
  [readArgv(pid)?.[0] ?? '', readExe(pid) ?? ''].some((path) => basename(path).includes('process-compose'));

function usesProjectFiles(argv: readonly string[], project: Project): boolean {
  const { files } = readServerArguments(argv, project.root);
  // No file was named: its own search in the root finds what ours finds.
  if (files.length === 0) return true;
  const ours = new Set(project.configFiles.map(real));
  // A file that disappeared is recognised by its name.
  const byName = (file: string): boolean => dirname(file) === project.root && isDefaultName(basename(file));
  return files.some(
    (file) => ours.has(real(file)) || byName(file) || file.startsWith(`${project.stateDir}/`),
  );
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // gone since: the name is all there is
  }
}

function describe(row: ProcessRow, known: { endpoint: Endpoint; id: string | null }): Instance {
  return {
    id: known.id,
    owner: known.id === null ? 'external' : 'upkeep',
    endpoint: known.endpoint,
    server: { pid: row.pid, startTime: row.startTime },
    argv: commandLine(row.pid),
    cwd: readCwd(row.pid) ?? '',
    onTerminal: row.terminal !== 0,
  };
}

/** Nothing of ours runs: does something else listen where ours would? */
async function strangerOnOurEndpoint(search: Search): Promise<Found> {
  for (const endpoint of search.endpoints) {
    const [pid] = endpointOwners(endpoint);
    if (pid === undefined) {
      const answer = search.configured === endpoint ? await search.connect(endpoint).live() : null;
      if (!answer || (!answer.ok && ['endpoint-absent', 'endpoint-refused'].includes(answer.failure.reason)))
        continue;
    }
    const row = pid === undefined ? null : readRow(pid);
    // A server of ours that is ending has no directory any more, but still has its socket.
    if (pid !== undefined && (row === null || (readCwd(pid) === null && (await endsSoon(row))))) continue;
    if (row && search.isServer(row)) {
      return { is: 'running', instance: describe(row, { endpoint, id: null }) };
    }
    return {
      is: 'foreign',
      endpoint,
      pid: pid ?? null,
      cwd: pid === undefined ? null : readCwd(pid),
      command: row?.command ?? null,
    };
  }
  return { is: 'none' };
}
