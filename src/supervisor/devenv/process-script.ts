/** Reads the script that devenv generates to start the processes: binary, YAML, socket and flags, of any release (pure). */
import { baseName } from '../../core/paths.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import { shellTokens } from '../../core/shell-words.ts';
import { readServerArguments } from '../process-compose/server-arguments.ts';

export interface ProcessScript {
  /** The process-compose that it runs, as it is written: absolute, or a name for PATH. */
  readonly binary: string;
  /** The generated YAML. */
  readonly configFile: string;
  readonly endpoint: Endpoint;
  /** A server that outlives its services: "it answers" says nothing of them. */
  readonly keepsProject: boolean;
}

/** process-compose's own default where neither socket nor port is given. */
const defaultPort = 8_080;

/**
 * `env`: what its variables stand for. null: it starts no process-compose on a file, so another manager is configured or it is
 * no such script. Both styles of arguments are read: `--config FILE`, and `'--config=FILE'` of newer nixpkgs.
 */
export function readProcessScript(text: string, env: Environment): ProcessScript | null {
  for (const words of commandsOf(text)) {
    const at = words.findIndex((word) => /process-compose/.test(baseName(word)) && !word.startsWith('-'));
    if (at === -1 || !words.includes('up')) continue;
    const argv = words.slice(at).map((word) => expand(word, env));
    const { files, socket, port, address } = readServerArguments(argv, '/');
    const [configFile] = files;
    if (configFile === undefined) continue;
    return {
      binary: argv[0] ?? '',
      configFile,
      endpoint: endpointOf({ socket: socket ?? (env['PC_SOCKET_PATH'] || null), port, address }),
      keepsProject: argv.includes('--keep-project'),
    };
  }
  return null;
}

/** A socket that is named, also by PC_SOCKET_PATH, wins over a port: process-compose itself says so. */
function endpointOf(where: { socket: string | null; port: number | null; address: string | null }): Endpoint {
  if (where.socket !== null) return { kind: 'unix', path: where.socket };
  return { kind: 'tcp', host: where.address ?? 'localhost', port: where.port ?? defaultPort };
}

function commandsOf(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const token of shellTokens(text)) {
    if (token.is === 'operator') commands.push([]);
    else commands.at(-1)?.push(token.text);
  }
  return commands;
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`; an unknown name is empty, as in a shell. */
const expand = (word: string, env: Environment): string =>
  word.replace(
    /\$(?:\{(\w+)(?::?-([^{}]*))?\}|([A-Za-z_]\w*))/g,
    (_, braced: string | undefined, fallback: string | undefined, plain: string | undefined) =>
      env[braced ?? plain ?? ''] || (fallback ?? ''),
  );
