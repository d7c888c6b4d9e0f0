/** One supervisor for a project that two managers may run: whichever does, and for a start, the one that was evaluated for. */
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
 * Both are looked for: devenv.nix may have chosen another one since the start. Where both run, the next look after the end of the
 * one finds the other.
 */
export function byManager(ask: ByManager): Supervisor {
  const { compose, native } = ask;
  let seen: Supervisor['manager'] | null = null;
  const named = (manager: Supervisor['manager']) => (manager === 'native' ? native : compose);
  const at = (endpoint: Endpoint) => (ask.isNative(endpoint) ? native : compose);
  const ready = (prepared: Prepared) => (ask.isPreparedForNative(prepared) ? native : compose);
  return {
    get manager() {
      return seen ?? ask.wanted();
    },
    define: (env, like) => named(ask.wanted(env, like)).define(env, like),
    async find(asking) {
      const likely = named(seen ?? ask.wanted());
      const first = await likely.find(asking);
      // A look costs milliseconds of every process's time.
      const both =
        first.is === 'running' ? [first] : [first, await (likely === native ? compose : native).find(asking)];
      const found = rank.map((is) => both.find((one) => one.is === is)).find((one) => one !== undefined);
      seen = found && 'instance' in found ? at(found.instance.endpoint).manager : null;
      return found ?? { is: 'none' };
    },
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
    binary: (request) => named(seen ?? ask.wanted()).binary(request),
  };
}

/** Whoever runs comes first; somebody else in the way of the one is no matter while the other runs. */
const rank: readonly Found['is'][] = ['running', 'unreachable', 'foreign', 'none'];
