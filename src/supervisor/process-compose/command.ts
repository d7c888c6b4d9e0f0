/** The command lines of process-compose that upkeep writes: a headless server, and a TUI on it (pure). */
import type { Endpoint } from '../../core/endpoint.ts';
import type { ServerArguments } from './server-arguments.ts';

export interface ServerCommand {
  readonly binary: string;
  readonly files: readonly string[];
  readonly endpoint: Endpoint;
  readonly logFile: string;
  /** What an earlier server of this project was started with; null: nothing special. */
  readonly like: Pick<ServerArguments, 'namespaces' | 'names' | 'kept'> | null;
}

/**
 * Always headless, with `--keep-project`: states and logs outlive a crash of every service, and a headless server
 * still ends on `POST /project/stop`. Always `-f`: without it a Docker compose.yaml beside ours
 * makes every release fail. Always its own log file: the default one is shared by every project of the user.
 */
export function serverCommand(command: ServerCommand): [string, ...string[]] {
  const like = command.like ?? { namespaces: [], names: [], kept: [] };
  return [
    command.binary,
    ...command.files.flatMap((file) => ['-f', file]),
    ...endpointFlags(command.endpoint),
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
  return [command.binary, ...endpointFlags(command.endpoint), '-L', command.logFile, 'attach'];
}

function endpointFlags(endpoint: Endpoint): string[] {
  return endpoint.kind === 'unix'
    ? ['-u', endpoint.path]
    : ['-p', String(endpoint.port), '--address', endpoint.host];
}
