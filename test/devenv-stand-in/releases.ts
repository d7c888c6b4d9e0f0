/**
 * The releases of devenv as data. The command line and the modules have ages of their own: the modules come from the
 * project's devenv.lock, so each pairing exists; what a service is started with follows the modules, verbs and files the CLI.
 */
export interface Cli {
  readonly version: string;
  /** Who is told that processes are already running. */
  readonly guard: 'nobody' | 'detached' | 'everybody';
  /** `signal`: TERM and no look back; `wait`: 30 s, then a KILL to a group that does not exist; `group`: the group, 30 s, KILL. */
  readonly down: 'signal' | 'wait' | 'group';
  /** What stands between several names in `.devenv/processes`; null: it takes one. */
  readonly joinNames: string | null;
  /** `nix develop` on the link, or a script in the runtime directory. */
  readonly enters: 'develop' | 'script';
  readonly evalCache: boolean;
  /** A row is stored although an input changed during the evaluation. */
  readonly racyCache: boolean;
  /** Inputs that are hashed at each look, whatever their mtime says. */
  readonly alwaysHashed: readonly string[];
  readonly build: 'result-link' | 'paths' | 'json';
  /** Links under gc/ carry the attribute's name. */
  readonly attributeLinks: boolean;
  readonly usesTmpdir: boolean;
  readonly walksUp: boolean;
  readonly evalVerb: boolean;
  readonly tasksVerb: boolean;
  readonly flakeFiles: boolean;
  /** What is started knows DEVENV_CMDLINE. */
  readonly commandLine: boolean;
  readonly ownGroup: boolean;
  /** A prefix of file names in Nix's messages: the project was copied to a store that is not there. */
  readonly filePrefix: string;
  /** false: type errors say `<unknown-file>`. */
  readonly namesFiles: boolean;
  readonly native: Native | null;
}

export interface Native {
  readonly verbs: readonly string[];
  readonly api: readonly string[];
  /** `start` takes `names`, not `name`. */
  readonly manyNames: boolean;
  /** `up` beside a running daemon talks to it, under a start lock. */
  readonly joins: boolean;
  readonly noneRunning: string;
}

const one: Cli = {
  version: '1.0.8',
  guard: 'nobody',
  down: 'signal',
  joinNames: null,
  enters: 'develop',
  evalCache: false,
  racyCache: true,
  alwaysHashed: [],
  build: 'result-link',
  attributeLinks: false,
  usesTmpdir: true,
  walksUp: false,
  evalVerb: false,
  tasksVerb: false,
  flakeFiles: true,
  commandLine: false,
  ownGroup: false,
  filePrefix: '/nix/store/virtual0000000000000000000000006-source',
  namesFiles: true,
  native: null,
};
const oneFour: Cli = { ...one, version: '1.4.1', evalCache: true, build: 'paths', filePrefix: '' };
const oneSix: Cli = {
  ...oneFour,
  version: '1.6.1',
  joinNames: '',
  enters: 'script',
  alwaysHashed: ['devenv.yaml', 'devenv.lock', 'flake.json'],
};
const oneEight: Cli = {
  ...oneSix,
  version: '1.8.2',
  joinNames: ' ',
  down: 'wait',
  tasksVerb: true,
  commandLine: true,
  alwaysHashed: [...oneSix.alwaysHashed, '.devenv.flake.nix'],
};
const oneTen: Cli = { ...oneEight, version: '1.10.0', guard: 'detached' };
const two: Cli = {
  ...oneTen,
  version: '2.0.6',
  guard: 'everybody',
  down: 'group',
  alwaysHashed: ['devenv.nix', 'devenv.yaml', 'devenv.lock', 'devenv.local.nix', 'devenv.local.yaml'],
  build: 'json',
  attributeLinks: true,
  evalVerb: true,
  flakeFiles: false,
  ownGroup: true,
  namesFiles: false,
  native: {
    verbs: ['wait'],
    api: ['wait'],
    manyNames: false,
    joins: false,
    noneRunning: 'No processes running',
  },
};
const none = 'No process manager is running. Start processes first with ';
const twoOne: Cli = {
  ...two,
  version: '2.1.2',
  walksUp: true,
  native: {
    verbs: ['wait', 'list', 'status', 'logs', 'restart', 'start', 'stop'],
    api: ['wait', 'list', 'status', 'logs', 'restart', 'start', 'stop', 'ports'],
    manyNames: false,
    joins: false,
    noneRunning: `${none}\`devenv processes start\` or \`devenv up -d\``,
  },
};
const twoTwo: Cli = {
  ...twoOne,
  version: '2.2.2',
  racyCache: false,
  usesTmpdir: false,
  native: {
    verbs: ['wait', 'list', 'status', 'logs', 'restart', 'start', 'stop', 'attach'],
    api: ['wait', 'list', 'status', 'logs', 'restart', 'start', 'stop', 'ports', 'attach', 'mode'],
    manyNames: true,
    joins: true,
    noneRunning: `${none}\`devenv up -d\``,
  },
};

export const cliReleases = {
  '1.0': one,
  '1.4': oneFour,
  '1.6': oneSix,
  '1.8': oneEight,
  '1.10': oneTen,
  '1.11': { ...oneTen, version: '1.11.2' },
  '2.0': two,
  '2.1': twoOne,
  '2.2': twoTwo,
} as const satisfies Record<string, Cli>;

export type ReleaseName = keyof typeof cliReleases;

export interface Modules {
  /** For the options and for `since` in Nix. */
  readonly version: string;
  /** How the script passes its arguments on. */
  readonly style: 'default-socket' | 'flags' | 'quoted';
  readonly disableDotenv: boolean;
  readonly keepProject: boolean;
  /** Before a start: nothing, attach if the socket file exists, attach if somebody answers. */
  readonly attach: 'never' | 'socket-file' | 'answering';
  /** What a process of the YAML runs: its text, `devenv-tasks` with DEVENV_TASKS, or with a task file. */
  readonly runs: 'script' | 'tasks' | 'task-file';
  readonly topEnvironment: boolean;
  readonly logLocation: boolean;
  readonly shellSettings: boolean;
  /** The shell knows PC_CONFIG_FILES and PC_SOCKET_PATH. */
  readonly shellKnowsCompose: boolean;
  readonly shellKnowsTasks: boolean;
  /** On the way down the script removes the runtime directory. */
  readonly removesRuntime: boolean;
  /** Options of 2.x: per-process env, readiness, restart, dependencies, ports. */
  readonly richProcesses: boolean;
  /**
   * Without processes: a script that starts nothing and a shell that names no YAML, the same but a shell that does not evaluate,
   * or a YAML without processes.
   */
  readonly withoutProcesses: 'no-script' | 'no-shell' | 'empty';
  /** A one-shot's wrapper stays after its end. */
  readonly wrapperLingers: boolean;
}

const m1: Modules = {
  version: '1.0.8',
  style: 'default-socket',
  disableDotenv: false,
  keepProject: false,
  attach: 'never',
  runs: 'script',
  topEnvironment: true,
  logLocation: false,
  shellSettings: false,
  shellKnowsCompose: false,
  shellKnowsTasks: false,
  removesRuntime: true,
  richProcesses: false,
  withoutProcesses: 'no-script',
  wrapperLingers: false,
};
const m14: Modules = {
  ...m1,
  version: '1.4.1',
  style: 'flags',
  disableDotenv: true,
  keepProject: true,
  shellKnowsCompose: true,
  shellKnowsTasks: true,
  removesRuntime: false,
};
const m16: Modules = { ...m14, version: '1.6.1', attach: 'socket-file' };
const m18: Modules = { ...m16, version: '1.8.2', runs: 'tasks', topEnvironment: false, logLocation: true };
const m110: Modules = {
  ...m18,
  version: '1.10.0',
  runs: 'task-file',
  shellSettings: true,
  attach: 'answering',
};
const m2: Modules = {
  ...m110,
  version: '2.0.6',
  style: 'quoted',
  richProcesses: true,
  withoutProcesses: 'empty',
  wrapperLingers: true,
};

export const moduleReleases: Readonly<Record<ReleaseName, Modules>> = {
  '1.0': m1,
  '1.4': m14,
  '1.6': m16,
  '1.8': m18,
  '1.10': m110,
  '1.11': { ...m110, version: '1.11.2', withoutProcesses: 'no-shell' },
  '2.0': m2,
  '2.1': { ...m2, version: '2.1.2' },
  '2.2': { ...m2, version: '2.2.2' },
};
