/** The supervisor port for devenv 2's native manager: devenv evaluates and starts, everything else goes to its socket. */
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import type { Project } from '../../core/project.ts';
import { ok } from '../../core/result.ts';
import { watchEndpoint } from '../../io/connection.ts';
import { endpointOwners } from '../../processes/listeners.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { unknownDefinition } from '../devenv-evaluation/fingerprint.ts';
import { dotfileIn } from '../devenv-evaluation/profiles.ts';
import { findDevenv } from '../devenv-evaluation/find-devenv.ts';
import { removePidFile } from '../pid-file.ts';
import type { Supervisor } from '../port.ts';
import { rivalOf } from '../rival.ts';
import { removeStaleSocket } from '../stale-socket.ts';
import { attachCommand } from './attach-command.ts';
import { connectNative } from './client.ts';
import { lastNativeEvaluation, nativeDefinition } from './definition.ts';
import { discoverNative, isManager } from './discover.ts';
import { nativeEndpoint, nativeEndpoints, pidFileOf } from './places.ts';
import type { PreparedNative } from './prepare.ts';
import { upCommand } from './up-command.ts';

export interface NativeSetting {
  readonly project: Project;
  /** More files that shape the configuration (`config:` of upkeep.yaml), absolute. */
  readonly moreInputs: readonly string[];
  readonly records: () => readonly InstanceRecord[];
  /** The caller's: where else a socket may lie. */
  readonly env: Environment;
  /** The same environment, with the profiles of the stack in it. `like`: a command line of devenv. */
  readonly profiled: (env: Environment, like: readonly string[] | null) => Environment;
  /** How long `devenv up` may take until its manager answers. */
  readonly timeoutMs: number;
  /** upkeep's own command line, for a view where devenv has none. */
  readonly self: readonly [string, ...string[]];
}

/** Preparing and what devenv itself writes is the business of whoever evaluates for both managers. */
export type NativeSupervisor = Omit<
  Supervisor,
  'prepare' | 'wroteItself' | 'keepGood' | 'lastGood' | 'stopHook'
>;

export function devenvNative(setting: NativeSetting): NativeSupervisor {
  const { project, env } = setting;
  const { root, stateDir } = project;
  const endpoints = (): readonly Endpoint[] => nativeEndpoints(root, env);
  return {
    manager: 'native',
    connect: connectNative,
    // What is asked is answered, and the answer ends the connection.
    watchServer: (endpoint) => watchEndpoint(endpoint),
    async define(given, like) {
      const dotfile = dotfileIn(setting.profiled(given, like), root);
      const last = lastNativeEvaluation(root, stateDir, dotfile);
      const definition = last ? nativeDefinition(last) : unknownDefinition(root);
      return ok({ ...definition, inputs: [...new Set([...definition.inputs, ...setting.moreInputs])] });
    },
    find: () =>
      discoverNative({ project, records: setting.records(), endpoints: endpoints(), connect: connectNative }),
    rivalOf: (instance) => rivalOf(instance, (row) => isManager(row, instance.endpoint, project)),
    endpointOf: (prepared) => nativeEndpoint((prepared as PreparedNative).runtime),
    serverCommand: (prepared, ask) =>
      upCommand(prepared as PreparedNative, { ...ask, timeoutMs: setting.timeoutMs }),
    copiesAreSafer: true,
    attachCommand: ({ endpoint }) =>
      attachCommand({ endpoint, root, env: setting.profiled(env, null), self: setting.self }),
    binary: async () => findDevenv(env),
    wrappersOf: () => [],
    async cleanUp(stopped) {
      for (const endpoint of endpoints()) await cleanUp(endpoint, stopped);
    },
  };
}

/** A manager that was killed leaves its socket and its pid file; both may belong to the next one by now. */
async function cleanUp(endpoint: Endpoint, stopped: readonly number[]): Promise<void> {
  const file = pidFileOf(endpoint);
  if (endpoint.kind !== 'unix' || file === null || endpointOwners(endpoint).length > 0) return;
  await removeStaleSocket(endpoint);
  removePidFile(file, stopped);
}
