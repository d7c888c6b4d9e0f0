/** The supervisor port for devenv 1.x and 2.x with process-compose: devenv evaluates and starts, everything else goes past it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import type { ProcessRow } from '../../core/process.ts';
import type { Project } from '../../core/project.ts';
import { fail, ok } from '../../core/result.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { digestInput } from '../input-digests.ts';
import type { Supervisor } from '../port.ts';
import { rivalOf } from '../rival.ts';
import { connectControl, watchServer } from '../process-compose/client.ts';
import { attachCommand } from '../process-compose/command.ts';
import { discover } from '../process-compose/discover.ts';
import { unknownDefinition } from '../devenv-evaluation/fingerprint.ts';
import { definitionOf } from './definition.ts';
import { readEvaluated } from '../devenv-evaluation/evaluated.ts';
import { keepLastGood } from '../devenv-evaluation/last-good.ts';
import { lastEvaluation } from './last-evaluation.ts';
import { removePidFiles } from './pid-file.ts';
import type { PrepareNative } from '../devenv-evaluation/prepare-native.ts';
import type { PreparedDevenv } from './prepare.ts';
import { prepare, prepareLastGood } from './prepare.ts';
import { withProfiles } from '../devenv-evaluation/profiles.ts';
import { isDevenvServer, recordedFiles, runsAfter, socketCandidates, wrappersOf } from './server.ts';
import { startCommand } from './start-command.ts';

export interface DevenvSetting {
  readonly project: Project;
  /** From upkeep.yaml. */
  readonly configured: Endpoint | null;
  /** More files that shape the configuration (`config:` of upkeep.yaml), absolute. */
  readonly moreInputs: readonly string[];
  /** PC_API_TOKEN of the caller. */
  readonly token: string | null;
  readonly records: () => readonly InstanceRecord[];
  /** The caller's: where else a socket may lie. */
  readonly env: Environment;
  /** How long an evaluation may take. */
  readonly timeoutMs: number;
  /** From upkeep.yaml; empty: those of the environment. */
  readonly profiles: readonly string[];
  /** An evaluation may turn out to be for the native manager. */
  readonly native: PrepareNative;
}

export function devenv(setting: DevenvSetting): Supervisor {
  const { project, configured } = setting;
  const { root, stateDir } = project;
  const connect = (endpoint: Endpoint) => connectControl(endpoint, { token: setting.token });
  const profiled = (env: Environment): Environment => withProfiles(env, root, setting.profiles);
  const caller = profiled(setting.env);
  let evaluating = false;

  const define: Supervisor['define'] = async (given) => {
    const env = profiled(given);
    const last = lastEvaluation(root, stateDir, env);
    const cacheFile = join(stateDir, 'definition.cache');
    const generated = last && { ...last.generated, outdated: last.isOutdated() };
    const read = generated && (await definitionOf(generated, { env, cacheFile }));
    // A store that was collected says nothing of the configuration, and is no mistake in it.
    const definition = read?.ok ? read.value : unknownDefinition(root);
    return ok({ ...definition, inputs: [...new Set([...definition.inputs, ...setting.moreInputs])] });
  };

  const serverProof = (records: readonly InstanceRecord[]): ((row: ProcessRow) => boolean) => {
    let files: readonly string[] | null = null;
    // Asked only where no record tells which server it is.
    const known = (): readonly string[] => {
      if (files) return files;
      const last = lastEvaluation(root, stateDir, caller);
      return (files = [...recordedFiles(records), ...(last ? [last.processes.configFile] : [])]);
    };
    return (row) => isDevenvServer(row, { root, env: caller, known });
  };

  return {
    manager: 'process-compose',
    define,
    connect,
    watchServer,
    find(ask) {
      const records = setting.records();
      const sockets = socketCandidates(root, caller);
      return discover({
        records,
        isServer: serverProof(records),
        endpoints: configured ? [configured, ...sockets] : sockets,
        configured,
        connect,
        ask,
      });
    },
    rivalOf: (instance) => rivalOf(instance, serverProof(setting.records())),
    async prepare(request) {
      evaluating = true;
      try {
        return await prepare(setting, { ...request, env: profiled(request.env) });
      } finally {
        evaluating = false;
      }
    },
    keepGood: (prepared, instance) =>
      keepLastGood(stateDir, (prepared as PreparedDevenv).evaluated, instance),
    lastGood: (request, instance) =>
      prepareLastGood(setting, { ...request, env: profiled(request.env) }, instance),
    // Where devenv's own tools look for it: the script says so, and nothing else can.
    endpointOf: (prepared) => (prepared as PreparedDevenv).processes.endpoint,
    serverCommand: (prepared, ask) =>
      startCommand(project, prepared as PreparedDevenv, { ...ask, timeoutMs: setting.timeoutMs }),
    copiesAreSafer: true,
    attachCommand,
    async binary({ runningBinary }) {
      const built = lastEvaluation(root, stateDir, caller)?.processes.binary;
      const path = [runningBinary, built].find((one) => one != null && existsSync(one));
      if (path != null) return ok(path);
      const tried = [`the script that devenv built: ${built ?? 'there is none'}`];
      return fail({
        reason: 'binary-missing',
        program: 'process-compose',
        tried,
        detail: 'devenv brings it along: `devenv build procfileScript`.',
      });
    },
    wrappersOf: (server) => wrappersOf(server, root),
    stopHook: (server) => wrappersOf(server, root).find(({ pid }) => runsAfter(pid)) ?? null,
    cleanUp: (stopped) => removePidFiles(root, stopped),
    wroteItself(path) {
      const lock = join(root, 'devenv.lock');
      if (path !== 'devenv.lock' && path !== lock) return false;
      const known = readEvaluated(stateDir)?.inputs.find((input) => input.path === lock);
      return evaluating || known?.digest === digestInput(lock);
    },
  };
}
