/** Every adapter and every release that upkeep speaks to, as one thing: a project, and what its server leaves behind. */
import type { Endpoint } from '../../src/core/endpoint.ts';
import type { StatusReport } from '../../src/core/status.ts';
import type { ReleaseName } from '../devenv-stand-in/releases.ts';
import { devenvProject } from '../rig/devenv.ts';
import { nativeDirectory, nativePidFile, nativeSocket } from '../rig/native.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';

export interface Rig extends AsyncDisposable {
  readonly project: TestProject;
  /** Services under the test's control on these ports, and nothing else. */
  readonly declare: (ports: Readonly<Record<string, number>>) => void;
  readonly socket: Extract<Endpoint, { kind: 'unix' }>;
  /** Files that say that something runs. */
  readonly signs: readonly string[];
}

export interface Adapter {
  readonly name: string;
  readonly is: Pick<StatusReport, 'backend' | 'manager'>;
  readonly open: () => Promise<Rig>;
}

const plain: Adapter = {
  name: 'process-compose',
  is: { backend: 'process-compose', manager: 'process-compose' },
  async open() {
    const project = await temporaryProject();
    return {
      project,
      declare: (ports) => project.declareServices(ports),
      socket: { kind: 'unix', path: project.socket },
      signs: [project.socket],
      [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
    };
  },
};

function devenv(release: ReleaseName, manager: StatusReport['manager']): Adapter {
  const chosen = release.startsWith('2') ? { manager } : {};
  return {
    name: manager === 'native' ? `devenv ${release}, native` : `devenv ${release}`,
    is: { backend: 'devenv', manager },
    async open() {
      const rig = await devenvProject({ release, ...chosen });
      const isNative = manager === 'native';
      const path = isNative ? nativeSocket(rig) : `${rig.runtime}/pc.sock`;
      const told = isNative
        ? [nativePidFile(rig), `${nativeDirectory(rig)}/daemon-config.json`]
        : [rig.at('.devenv/processes.pid')];
      return {
        project: rig.project,
        declare: (ports) => rig.declareServices(ports),
        socket: { kind: 'unix', path },
        signs: [path, ...told],
        [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
      };
    },
  };
}

const composeReleases = ['1.0', '1.4', '1.6', '1.8', '1.10', '1.11', '2.0', '2.1', '2.2'] as const;

export const adapters: readonly Adapter[] = [
  plain,
  ...composeReleases.map((release) => devenv(release, 'process-compose')),
  devenv('2.1', 'native'),
  devenv('2.2', 'native'),
];

/** One of each kind, for what takes long. Of a one-shot under process-compose devenv 2 says that it runs for ever. */
export const oneOfEach: readonly Adapter[] = [
  plain,
  devenv('1.11', 'process-compose'),
  devenv('2.2', 'native'),
];

/** For `test.each`: the name comes first. */
export const named = (all: readonly Adapter[]): [string, Adapter][] =>
  all.map((adapter) => [adapter.name, adapter]);
