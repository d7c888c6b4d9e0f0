/** One supervisor for a project that two managers may run: the one that runs, and for a start the one that was evaluated for. */
import type { Endpoint } from '../core/endpoint.ts';
import type { Environment } from '../core/environment.ts';
import type { Found, Prepared, Supervisor } from './port.ts';

export interface ByManager {
  readonly compose: Supervisor;
  /** It does not prepare: `compose` evaluates for both. */
  readonly native: Omit<Supervisor, 'prepare' | 'wroteItself' | 'keepGood' | 'lastGood' | 'stopHook'>;
  /** Which one the last evaluation is for, of what a stack with `env` would have; default: with the caller's. */
  readonly wanted: (env?: Environment, like?: readonly string[] | null) => Supervisor['manager'];
  readonly isNative: (endpoint: Endpoint) => boolean;
  readonly isPreparedForNative: (prepared: Prepared) => boolean;
}

/**
 * Looks for both: devenv.nix may have chosen the other one since the start. If both run, the other is found once the first has
 * ended.
 */
export function byManager(ask: ByManager): Supervisor {
  const { compose, native } = ask;
  let running: Supervisor['manager'] | null = null;
  const named = (manager: Supervisor['manager']) => (manager === 'native' ? native : compose);
  const at = (endpoint: Endpoint) => (ask.isNative(endpoint) ? native : compose);
  const ready = (prepared: Prepared) => (ask.isPreparedForNative(prepared) ? native : compose);
  return {
    get manager() {
      return running ?? ask.wanted();
    },
    define: (env, like) => named(ask.wanted(env, like)).define(env, like),
    async find(asking) {
      const likely = named(running ?? ask.wanted());
      const first = await likely.find(asking);
      // Looking for the other one costs milliseconds, so only if this one does not run.
      const both =
        first.is === 'running' ? [first] : [first, await (likely === native ? compose : native).find(asking)];
      const found = rank.map((is) => both.find((one) => one.is === is)).find((one) => one !== undefined);
      running = found && 'instance' in found ? at(found.instance.endpoint).manager : null;
      return found ?? { is: 'none' };
    },
    rivalOf: (instance) => at(instance.endpoint).rivalOf(instance),
    connect: (endpoint) => at(endpoint).connect(endpoint),
    watchServer: (endpoint) => at(endpoint).watchServer(endpoint),
    prepare: (request) => compose.prepare(request),
    // Both managers start from the same kind of evaluation.
    keepGood: (prepared, instance) => compose.keepGood?.(prepared, instance),
    lastGood: async (request, instance) => compose.lastGood?.(request, instance) ?? null,
    endpointOf: (prepared, wanted) => ready(prepared).endpointOf(prepared, wanted),
    serverCommand: (prepared, how) => ready(prepared).serverCommand(prepared, how),
    get copiesAreSafer() {
      return named(ask.wanted()).copiesAreSafer;
    },
    wrappersOf: (server) => [...compose.wrappersOf(server), ...native.wrappersOf(server)],
    stopHook: (server) => compose.stopHook?.(server) ?? null,
    async cleanUp(stopped) {
      await compose.cleanUp(stopped);
      await native.cleanUp(stopped);
    },
    wroteItself: (path) => compose.wroteItself(path),
    attachCommand: (how) => at(how.endpoint).attachCommand(how),
    binary: (request) => named(running ?? ask.wanted()).binary(request),
  };
}

/** A running one comes first: then a stranger at the other's endpoint does not matter. */
const rank: readonly Found['is'][] = ['running', 'unreachable', 'foreign', 'none'];
