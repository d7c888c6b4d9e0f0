/** How the native manager is brought up: by `devenv up`, or where that cannot be, from what it handed over the last time. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { baseName } from '../../core/paths.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import { markerName } from '../../core/project.ts';
import type { LaunchCommand } from '../port.ts';
import { profileWords } from '../devenv-evaluation/profiles.ts';
import { catchConfig, putConfig, readKeptConfig } from './kept-config.ts';
import { pidFileOf } from './places.ts';
import type { PreparedNative } from './prepare.ts';

interface Ask {
  readonly files: readonly string[];
  readonly endpoint: Endpoint;
  readonly logFile: string;
  readonly like: readonly string[] | null;
  readonly carry: Environment;
  readonly timeoutMs: number;
}

/**
 * `devenv up -d`: it evaluates once more, out of the cache that was filled before the stop. It leaves a daemon, and ends itself
 * when everything is settled; the daemon answers long before. From the copies: that daemon alone, which evaluates nothing.
 */
export function upCommand(prepared: PreparedNative, ask: Ask): LaunchCommand {
  const { evaluated } = prepared;
  const [, keptFile] = ask.files;
  const kept = keptFile === undefined ? null : readKeptConfig(keptFile, evaluated);
  const config = configOf(ask.endpoint);
  const marker = ask.carry[markerName] ?? '';
  const common = {
    // Its command line is devenv's own to write.
    env: Object.fromEntries(['DEVENV_CMDLINE', ...prepared.leftovers].map((name) => [name, undefined])),
    outputFile: ask.logFile,
    pidFile: null,
    // Entering the environment runs `enterShell`, and tasks before the processes may install what a project needs.
    liveTimeoutMs: ask.timeoutMs,
  };
  if (kept !== null)
    return {
      ...common,
      argv: [prepared.binary, 'daemon-processes', config],
      around() {
        removePidFile(ask.endpoint);
        putConfig(config, kept, marker);
        return { [Symbol.dispose]: () => rmSync(config, { force: true }) };
      },
    };
  return {
    ...common,
    argv: [prepared.binary, ...profileWords(prepared.profiles), 'up', '-d', ...namesIn(ask.like ?? [])],
    around() {
      removePidFile(ask.endpoint);
      return catchConfig(config, prepared.keptConfig, { ...evaluated, marker });
    },
  };
}

const configOf = (endpoint: Endpoint): string =>
  endpoint.kind === 'unix' ? join(dirname(endpoint.path), 'daemon-config.json') : '';

/** The stack is verified down: the pid in it may be anybody's by now, and devenv would believe it. */
function removePidFile(endpoint: Endpoint): void {
  const path = pidFileOf(endpoint);
  if (path !== null) rmSync(path, { force: true });
}

/** `devenv up web api`: those alone. */
function namesIn(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word, index) => index > 0 && (word === 'up' || word === 'start'));
  if (!argv.some((word) => /^\.?devenv/.test(baseName(word))) || at === -1) return [];
  const isOfOption = (index: number): boolean => /^(?:--profile|-P)$/.test(argv[index - 1] ?? '');
  return argv.filter((word, index) => index > at && !word.startsWith('-') && !isOfOption(index));
}
