/**
 * How the native manager is brought up: as devenv's own daemon, on what was validated; where that will not do, by `devenv up`.
 * ```
 * the project's files ─▶ through devenv's shell ─fails─▶ from the copies: the shell's text as it was validated, and no devenv
 *       │                                                        │ fails
 *       └ a port that it wants is held by somebody ─▶ devenv up ◀┘ evaluates once more: only it gives out other ports
 * ```
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { baseName } from '../../core/paths.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import { tcpListeners } from '../../processes/sockets.ts';
import type { LaunchCommand } from '../port.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { profileWords } from '../devenv-evaluation/profiles.ts';
import { daemonConfig } from './daemon-config.ts';
import { bashOf, pidFileOf } from './places.ts';
import type { PreparedNative } from './prepare.ts';
import { layOut, startArgv } from './start-script.ts';

interface Ask {
  readonly files: readonly string[];
  readonly endpoint: Endpoint;
  readonly logFile: string;
  readonly like: readonly string[] | null;
  readonly carry: Environment;
  readonly timeoutMs: number;
}

export function upCommand(prepared: PreparedNative, ask: Ask): LaunchCommand {
  const { profiles } = prepared;
  const names = namesIn(ask.like ?? []);
  const [, launcher] = ask.files === prepared.lastResort ? [] : ask.files;
  const config = ask.files === prepared.lastResort ? null : configOf(prepared, names);
  const common = {
    // Its command line is devenv's own to write.
    env: Object.fromEntries(['DEVENV_CMDLINE', ...prepared.leftovers].map((name) => [name, undefined])),
    outputFile: ask.logFile,
    // Entering the environment runs `enterShell`, and tasks before the processes may install what a project needs.
    liveTimeoutMs: ask.timeoutMs,
  };
  const words = [...profileWords(profiles), 'up', '-d', ...names];
  if (config === null || (launcher === undefined && areTaken(prepared.wishes)))
    return {
      ...common,
      argv: [prepared.binary, ...words],
      pidFile: null,
      around() {
        removePidFile(ask.endpoint);
        return { [Symbol.dispose]: () => undefined };
      },
    };
  const carried = Object.entries({ ...ask.carry, DEVENV_SKIP_TASKS: '1' }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const shell =
    launcher === undefined
      ? [prepared.binary, ...profileWords(profiles), 'shell', '--']
      : [bashOf(prepared.dotfile), launcher];
  const script = {
    directory: prepared.startDirectory,
    configFile: beside(ask.endpoint, 'daemon-config.json'),
    config: { ...config, env: { DEVENV_CMDLINE: words.join(' ') } },
    devenv: prepared.binary,
    // With `clean` in devenv.yaml nothing of the caller gets through the shell.
    enter: [...shell, '/usr/bin/env', ...carried],
  };
  return {
    ...common,
    argv: startArgv(script),
    // devenv writes it when everything is settled; until then `devenv up -d` would start a second stack beside this one.
    pidFile: pidFileOf(ask.endpoint),
    around() {
      removePidFile(ask.endpoint);
      mkdirSync(beside(ask.endpoint, '.'), { recursive: true, mode: 0o700 });
      return layOut(script);
    },
  };
}

function configOf(prepared: PreparedNative, names: readonly string[]): ReturnType<typeof daemonConfig> {
  const { runtime, dotfile, taskFile } = prepared;
  const tasks = readText(taskFile) ?? '';
  return runtime === '' ? null : daemonConfig({ tasks, names, runtime, dotfile, bash: bashOf(dotfile) });
}

/** devenv gives each process another port then, and only an evaluation of its own knows which. Two may not share one, either. */
function areTaken(wishes: readonly number[]): boolean {
  if (wishes.length === 0) return false;
  const held = new Set(tcpListeners().map(({ port }) => port));
  return new Set(wishes).size < wishes.length || wishes.some((port) => held.has(port));
}

const beside = (endpoint: Endpoint, name: string): string =>
  endpoint.kind === 'unix' ? join(dirname(endpoint.path), name) : name;

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
