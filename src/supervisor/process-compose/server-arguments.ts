/** Reads a process-compose command line: files, endpoint, and what else must come back after a restart (pure). */
import { resolve } from 'node:path';

export interface ServerArguments {
  /** Absolute; empty: it looked for its own default files. */
  readonly files: readonly string[];
  readonly namespaces: readonly string[];
  /** Names after `up`: only these were started. */
  readonly names: readonly string[];
  readonly socket: string | null;
  readonly port: number | null;
  readonly address: string | null;
  /** Flags that shape the project and are kept as they were: dotenv, ordered shutdown … */
  readonly kept: readonly string[];
}

const takesValue: Readonly<Record<string, string>> = {
  '-f': 'file',
  '--config': 'file',
  '-n': 'namespace',
  '--namespace': 'namespace',
  '-u': 'socket',
  '--unix-socket': 'socket',
  '-p': 'port',
  '--port': 'port',
  '--address': 'address',
  '-e': 'env',
  '--env': 'env',
  '-L': 'drop',
  '--log-file': 'drop',
  '-r': 'drop',
  '--ref-rate': 'drop',
  '--token-file': 'keep',
  '--slow-ref-rate': 'drop',
  '--theme': 'drop',
  '--sort': 'drop',
  '-S': 'drop',
};

const keptFlags = new Set([
  '--disable-dotenv',
  '--ordered-shutdown',
  '--no-deps',
  '--read-only',
  '--recursive-metrics',
  '--logs-truncate',
  '--no-watch',
  '--detach-on-success',
]);

/** Reads `argv` (program first) of a server whose directory is `cwd`; unknown flags are ignored. */
export function readServerArguments(argv: readonly string[], cwd: string): ServerArguments {
  const found = {
    files: [] as string[],
    namespaces: [] as string[],
    names: [] as string[],
    kept: [] as string[],
  };
  const where: { socket: string | null; port: number | null; address: string | null } = {
    socket: null,
    port: null,
    address: null,
  };
  const words = argv.slice(1);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const { flag, inline } = splitFlag(word);
    const kind = takesValue[flag];
    if (kind !== undefined) {
      const value = inline ?? words[(at += 1)] ?? '';
      if (kind === 'file') found.files.push(...value.split(',').map((file) => resolve(cwd, file)));
      else if (kind === 'namespace') found.namespaces.push(...value.split(','));
      else if (kind === 'socket') where.socket = resolve(cwd, value);
      else if (kind === 'port') where.port = Number(value);
      else if (kind === 'address') where.address = value;
      else if (kind === 'env') found.kept.push('-e', resolve(cwd, value));
      else if (kind === 'keep') found.kept.push(flag, value);
    } else if (keptFlags.has(flag) && inline !== 'false') found.kept.push(flag);
    else if (!word.startsWith('-') && word !== 'up') found.names.push(word);
  }
  return { ...found, ...where };
}

/**
 * The same command line, with its PC_* variables turned into flags: the variables themselves are not passed on to its
 * replacement, so what they said would be lost. The socket is known from the process itself.
 */
export function withVariables(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const [program = '', ...words] = argv;
  const parsed = readServerArguments(argv, '/');
  const values = (name: string, flag: string, wanted: boolean): string[] =>
    wanted && env[name] ? [flag, env[name]] : [];
  const flags = Object.entries(flagVariables).flatMap(([name, flag]) =>
    env[name] && env[name] !== 'false' && !words.includes(flag) ? [flag] : [],
  );
  return [
    program,
    ...values('PC_CONFIG_FILES', '-f', parsed.files.length === 0),
    ...values('PC_NAMESPACES', '-n', parsed.namespaces.length === 0),
    ...flags,
    ...words,
  ];
}

const flagVariables: Readonly<Record<string, string>> = {
  PC_DISABLE_DOTENV: '--disable-dotenv',
  PC_ORDERED_SHUTDOWN: '--ordered-shutdown',
  PC_READ_ONLY: '--read-only',
  PC_NO_WATCH: '--no-watch',
};

/** `--flag=value`, and `-uVALUE` as pflag reads short flags. */
function splitFlag(word: string): { flag: string; inline: string | null } {
  const long = /^(--[a-z-]+)=(.*)$/s.exec(word);
  if (long?.[1]) return { flag: long[1], inline: long[2] ?? '' };
  const short = /^(-[a-zA-Z])=?(.+)$/s.exec(word);
  if (short?.[1] && takesValue[short[1]] !== undefined) return { flag: short[1], inline: short[2] ?? '' };
  return { flag: word, inline: null };
}
