/**
 * Becomes devenv's daemon on what was validated, without an evaluation. `devenv up -d` evaluates what nothing else does: it gives
 * out ports, and keeps such evaluations apart in devenv's cache, with or without any port
 * (devenv-nix-backend/src/backend.rs, `cache_key_for`); that would be downtime after each edit.
 * ```
 * sh start.sh ─▶ devenv shell -- sh dump.sh     enterShell and its tasks run, their environment is left in a file
 *             ─▶ node write.cjs                 the daemon's configuration, where devenv itself puts it
 *             ═▶ devenv daemon-processes FILE   the same process from here on, in the environment of whoever started it
 * ```
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStateDirectory } from '../../io/state-home.ts';

export interface StartScript {
  /** Ours alone, for the time of the start: it holds an environment. */
  readonly directory: string;
  /** Where the daemon looks. */
  readonly configFile: string;
  /** All of it but what the shell gives; `env` wins over that. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Absolute. */
  readonly devenv: string;
  /** What comes before a command that is to run in the shell. */
  readonly enter: readonly string[];
}

/** The process that it starts is the daemon's. */
export const startArgv = ({ directory, configFile, devenv, enter }: StartScript) =>
  [
    '/bin/sh',
    join(directory, 'start.sh'),
    directory,
    configFile,
    process.execPath,
    devenv,
    ...enter,
  ] as const;

/** Before the launch; disposed when the daemon answers, or will not. */
export function layOut({ directory, config, configFile }: StartScript): Disposable {
  rmSync(directory, { recursive: true, force: true });
  makeStateDirectory(directory);
  const texts = {
    'start.sh': start,
    'dump.sh': dump,
    'write.cjs': write,
    'config.json': JSON.stringify(config),
  };
  for (const [name, text] of Object.entries(texts))
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  return {
    [Symbol.dispose]() {
      rmSync(directory, { recursive: true, force: true });
      // A daemon removes it as soon as it has read it; one that never got there leaves an environment behind.
      rmSync(configFile, { force: true });
    },
  };
}

const start = `set -e
here=$1 to=$2 node=$3 devenv=$4
shift 4
"$@" /bin/sh "$here/dump.sh" "$here/environment"
# The project's environment is for its processes: NODE_OPTIONS or LD_LIBRARY_PATH of it may keep this one from running.
/usr/bin/env -i "$node" "$here/write.cjs" "$here" "$to"
exec "$devenv" daemon-processes "$to"
`;

// The umask is for this file: what enterShell makes has the project's own.
const dump = `umask 077
exec /usr/bin/env -0 > "$1"
`;

// As devenv reads it: names that a shell takes for a variable's, and no bash functions.
const write = `const { readFileSync, writeFileSync } = require('node:fs');
const [here, to] = process.argv.slice(2);
const pairs = readFileSync(here + '/environment', 'utf8').split('\\0').map((line) => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
});
const { env, ...config } = JSON.parse(readFileSync(here + '/config.json', 'utf8'));
const given = Object.fromEntries(pairs.filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)));
writeFileSync(to, JSON.stringify({ ...config, env: { ...given, ...env } }), { mode: 0o600 });
`;
