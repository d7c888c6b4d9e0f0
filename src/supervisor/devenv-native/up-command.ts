/** How the native manager is brought up: by `devenv up`, which is the only one that can start it. */
import { baseName } from '../../core/command-line.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { LaunchCommand } from '../port.ts';
import { pidFileOf } from './places.ts';
import type { PreparedNative } from './prepare.ts';

/** Entering the environment runs `enterShell`, and tasks before the processes may install what a project needs. */
const liveTimeoutMs = 300_000;

/**
 * `devenv up -d`: it evaluates once more, out of the cache that was filled before the stop. It leaves a daemon, and ends itself
 * when everything is settled; the daemon answers long before.
 */
export function upCommand(
  prepared: PreparedNative,
  ask: { readonly endpoint: Endpoint; readonly logFile: string; readonly like: readonly string[] | null },
): LaunchCommand {
  const pidFile = pidFileOf(ask.endpoint);
  return {
    argv: [prepared.binary, 'up', '-d', ...namesIn(ask.like ?? [])],
    env: Object.fromEntries(prepared.leftovers.map((name) => [name, undefined])),
    outputFile: ask.logFile,
    pidFile: null,
    // Its pid may be anybody's by now, and devenv would believe it.
    obsolete: pidFile === null ? [] : [pidFile],
    liveTimeoutMs,
  };
}

/** `devenv up web api` in a terminal: those alone. Of a daemon nobody can tell. */
function namesIn(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word, index) => index > 0 && (word === 'up' || word === 'start'));
  if (!argv.some((word) => /^\.?devenv/.test(baseName(word))) || at === -1) return [];
  return argv.slice(at + 1).filter((word) => !word.startsWith('-'));
}
