/** The command lines of process-compose that upkeep writes: a headless server, and a TUI on it (pure). */
import type { Endpoint } from '../../core/endpoint.ts';
import type { ServerArguments } from './server-arguments.ts';

export interface ServerCommand {
  readonly binary: string;
  readonly files: readonly string[];
  readonly endpoint: Endpoint;
  readonly logFile: string;
  /** What an earlier server of this project was started with; null: nothing special. */
  readonly like: Pick<ServerArguments, 'namespaces' | 'names' | 'kept' | 'address'> | null;
}

/**
 * Always headless, with `--keep-project`: states and logs outlive a crash of every service, and a headless server
 * still ends on `POST /project/stop`. Always `-f`: without it a Docker compose.yaml beside ours
 * makes every release fail. Always its own log file: the default one is shared by every project of the user.
 */
export function serverCommand(command: ServerCommand): [string, ...string[]] {
  const like = command.like ?? { namespaces: [], names: [], kept: [], address: null };
  return [
    command.binary,
    ...command.files.flatMap((file) => ['-f', file]),
    ...listenFlags(command.endpoint, command.like),
    '-t=false',
    '--keep-project',
    '-L',
    command.logFile,
    ...like.namespaces.flatMap((name) => ['-n', name]),
    ...like.kept,
    'up',
    ...like.names,
  ];
}

/** `attach` survives a new server on the same endpoint for 10 s; its log must not truncate the server's. */
export function attachCommand(command: {
  binary: string;
  endpoint: Endpoint;
  logFile: string;
}): [string, ...string[]] {
  const { endpoint } = command;
  const flags =
    endpoint.kind === 'unix'
      ? ['-u', endpoint.path]
      : [
          '-p',
          String(endpoint.port),
          '--address',
          everywhere(endpoint.host) ? '127.0.0.1' : inUrl(endpoint.host),
        ];
  return [command.binary, ...flags, '-L', command.logFile, 'attach'];
}

/**
 * A plain `process-compose up` listens on every address up to 1.87, and the older ones know no `--address`: who was started
 * without comes back without.
 */
function listenFlags(endpoint: Endpoint, like: ServerCommand['like']): string[] {
  if (endpoint.kind === 'unix') return ['-u', endpoint.path];
  const asItWas = like !== null && like.address === null && everywhere(endpoint.host);
  return ['-p', String(endpoint.port), ...(asItWas ? [] : ['--address', inUrl(endpoint.host)])];
}

const everywhere = (host: string): boolean => host === '::' || host === '0.0.0.0';

/** It joins address and port with a colon. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
