/** Finds the native manager of this project, whoever started it: by the process that listens, never by the pid file alone. */
import { basename, dirname } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import { formatEndpoint, parseEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import { isWithin } from '../../core/paths.ts';
import type { ProcessRow } from '../../core/process.ts';
import { isDead } from '../../core/process.ts';
import type { Project } from '../../core/project.ts';
import { readArgv, readCwd, readEnvironment, readExe, readMarks } from '../../processes/evidence.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { endpointOwners, endpointsOf } from '../../processes/listeners.ts';
import { unixListeners } from '../../processes/sockets.ts';
import { childrenOf } from '../../processes/running-program.ts';
import { isAlive, readRow } from '../../processes/table.ts';
import type { Control, Found, Instance } from '../port.ts';

export interface NativeSearch {
  readonly project: Project;
  readonly records: readonly InstanceRecord[];
  /** Where a manager of this project would listen. */
  readonly endpoints: readonly Endpoint[];
  readonly connect: (endpoint: Endpoint) => Control;
}

/**
 * The socket is bound as soon as a session begins, the pid file is written when all of it is settled: only the socket tells of
 * one that is still starting. Of two managers on one path the younger one answers; the other is found when that one is gone.
 */
export async function discoverNative(search: NativeSearch): Promise<Found> {
  const recorded = fromRecords(search);
  if (recorded && (await search.connect(recorded.endpoint).live()).ok)
    return { is: 'running', instance: recorded };
  const found: Instance[] = [];
  const strangers: { endpoint: Endpoint; row: ProcessRow }[] = [];
  for (const endpoint of placesOf(search)) {
    for (const pid of endpointOwners(endpoint)) {
      const row = readRow(pid);
      if (!row || isDead(row) || isTaskRunner(readArgv(pid) ?? [])) continue;
      if (isManager(row, endpoint, search.project)) found.push(describe(search, row, endpoint));
      else strangers.push({ endpoint, row });
    }
  }
  const silent: { instance: Instance; failure: Failure }[] = [];
  for (const instance of [...found, ...launched(search, found)]) {
    const live = await search.connect(instance.endpoint).live();
    const answers = endpointOwners(instance.endpoint)[0] === instance.server.pid;
    if (live.ok && answers) return { is: 'running', instance };
    // It was on its way out when it was asked.
    if (!isAlive(instance.server)) continue;
    const failure = live.ok
      ? ({ reason: 'endpoint-absent', endpoint: formatEndpoint(instance.endpoint) } as const)
      : live.failure;
    silent.push({ instance, failure });
  }
  const [first] = silent;
  if (first) return { is: 'unreachable', ...first };
  const [stranger] = strangers;
  if (!stranger) return { is: 'none' };
  const { endpoint, row } = stranger;
  return { is: 'foreign', endpoint, pid: row.pid, cwd: readCwd(row.pid), command: row.command };
}

/** The fast way: a recorded manager that alone listens on its path needs no look at anybody else's descriptors. */
function fromRecords(search: NativeSearch): Instance | null {
  for (const record of search.records) {
    const endpoint = parseEndpoint(record.endpoint);
    const row = record.server && readRow(record.server.pid);
    if (!row || isDead(row) || row.startTime !== record.server?.startTime || endpoint?.kind !== 'unix')
      continue;
    const isAlone = unixListeners().filter(({ path }) => path === endpoint.path).length === 1;
    const listens = endpointsOf(row.pid).some((one) => formatEndpoint(one) === record.endpoint);
    if (isAlone && listens && isManager(row, endpoint, search.project))
      return describe(search, row, endpoint);
  }
  return null;
}

function placesOf({ records, endpoints }: NativeSearch): readonly Endpoint[] {
  const recorded = records.flatMap((record) => parseEndpoint(record.endpoint) ?? []);
  const all = [...recorded, ...endpoints].map((endpoint) => [formatEndpoint(endpoint), endpoint] as const);
  return [...new Map(all).values()];
}

/**
 * It is devenv, it listens where only this project's manager does, and it was called for this project: within its directory, or
 * with its own file. One that was called in a directory that is gone is told by its file.
 */
export function isManager(row: ProcessRow, endpoint: Endpoint, { root }: Project): boolean {
  if (row.uid !== process.getuid?.() || !isDevenv(row.pid)) return false;
  if (isTaskRunner(readArgv(row.pid) ?? [])) return false;
  const config = endpoint.kind === 'unix' ? `${dirname(endpoint.path)}/daemon-config.json` : '';
  const cwd = readCwd(row.pid)?.replace(/ \(deleted\)$/, '') ?? null;
  return isWithin(root, cwd) || (readArgv(row.pid) ?? []).includes(config);
}

/** nix wraps the program as `.devenv-wrapped`. */
const isDevenv = (pid: number): boolean =>
  [readArgv(pid)?.[0] ?? '', readExe(pid) ?? ''].some((path) => /^\.?devenv\b/.test(basename(path)));

/**
 * Under process-compose each service of devenv 2 has a `devenv-tasks` of its own, and each of them takes the manager's socket: it
 * is neither a manager nor a stranger.
 */
export const isTaskRunner = (argv: readonly string[]): boolean =>
  basename(argv[0] ?? '').startsWith('devenv-tasks') &&
  (argv.some((word) => word === '--ignore-process-deps' || word === '--supervisor=external') ||
    argv[argv.indexOf('--supervisor') + 1] === 'external');

/** `devenv up -d` leaves its daemon in the session of the terminal it was called on, with a group and logs of its own. */
export const sitsOnTerminal = (terminal: number, argv: readonly string[]): boolean =>
  terminal !== 0 && argv[1] !== 'daemon-processes';

/** Ours, whose launch was cut off before its manager listened: what was launched stands for it. */
function launched({ records }: NativeSearch, found: readonly Instance[]): readonly Instance[] {
  return records.flatMap((record) => {
    const row = record.server && readRow(record.server.pid);
    const endpoint = parseEndpoint(record.endpoint);
    if (!row || !endpoint || isDead(row) || row.startTime !== record.server?.startTime) return [];
    if (found.some(({ id, server }) => server.pid === row.pid || id === record.id)) return [];
    return [instanceOf(row, { endpoint, id: record.owner === 'upkeep' ? record.id : null })];
  });
}

function describe({ project, records }: NativeSearch, row: ProcessRow, endpoint: Endpoint): Instance {
  const { marker } = readMarks(row.pid, []);
  const ours = records.find(({ id, owner }) => owner === 'upkeep' && id === marker?.uuid);
  return instanceOf(row, { endpoint, id: marker?.key === project.key ? (ours?.id ?? null) : null });
}

/** A daemon's own command line says nothing; its services know how devenv was called, with profiles and names. */
function commandOf(manager: number): readonly string[] {
  const told = childrenOf(manager)
    .map((pid) => readEnvironment(pid)?.['DEVENV_CMDLINE'])
    .find((text) => text !== undefined);
  const words = told?.split(' ');
  // devenv tells what came behind its own name.
  return words ? ['devenv', ...words.slice(words[0] === 'devenv' ? 1 : 0)] : (readArgv(manager) ?? []);
}

const instanceOf = (row: ProcessRow, known: { endpoint: Endpoint; id: string | null }): Instance => ({
  id: known.id,
  owner: known.id === null ? 'external' : 'upkeep',
  endpoint: known.endpoint,
  server: { pid: row.pid, startTime: row.startTime },
  argv: commandOf(row.pid),
  cwd: readCwd(row.pid) ?? '',
  onTerminal: sitsOnTerminal(row.terminal, readArgv(row.pid) ?? []),
});
