/** The supervisor port: what upkeep needs from a program that runs the services. Each adapter has a folder. */
import type { Endpoint } from '../core/endpoint.ts';
import type { Environment } from '../core/environment.ts';
import type { Manager } from '../core/manager.ts';
import type { ProcessId } from '../core/process.ts';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import type { IdleConnection } from '../io/connection.ts';
import type { ServiceDefinition, ServiceState } from '../core/service.ts';

/** What the configuration declares: as on disk, or where that takes an evaluation, as last evaluated. */
export interface Definition {
  readonly services: readonly ServiceDefinition[];
  /** Every file that shapes it, absolute, missing ones included (one that appears must be seen). */
  readonly inputs: readonly string[];
  /** sha256 of what it means, not of how it is written: comments and layout do not count, dotenv contents do. */
  readonly fingerprint: string;
  readonly orderedShutdown: boolean;
  /** The files changed since this was evaluated: it is not known yet what they mean. */
  readonly outdated: boolean;
  /** Directories at the beginning of the services' PATH. */
  readonly programs: readonly string[];
  /** Variables by which a service shows that it was started from this definition; empty: there are none. */
  readonly carried: Environment;
  /** Inputs that are also sources of the services, such as a package.json that the evaluation reads. */
  readonly sharedInputs: readonly string[];
}

/** A running (or hollow) supervisor of this project. */
export interface Instance {
  /** The uuid of our record; null for one that somebody else started. */
  readonly id: string | null;
  readonly owner: 'upkeep' | 'external';
  readonly endpoint: Endpoint;
  readonly server: { readonly pid: number; readonly startTime: string };
  /** From /proc: how to bring an external instance back on the same endpoint with the same files. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The server runs on somebody's terminal. */
  readonly onTerminal: boolean;
}

/** A question to a proved instance: an answer shows that it is alive. */
export type AskIfAlive = (instance: Instance, control: Control) => Promise<Result<unknown>>;

export type Found =
  | { readonly is: 'none' }
  | { readonly is: 'running'; readonly instance: Instance }
  /** Its process proves that it is of this project, but its endpoint does not answer. */
  | { readonly is: 'unreachable'; readonly instance: Instance; readonly failure: Failure }
  /** Something else answers where ours would. */
  | {
      readonly is: 'foreign';
      readonly endpoint: Endpoint;
      readonly pid: number | null;
      readonly cwd: string | null;
      readonly command: string | null;
    };

/** Validated, built and ready to start: nothing is evaluated between a stop and the start that follows. */
export interface Prepared {
  readonly definition: Definition;
  readonly binary: string;
  /** What the server is started from: the project's own files. */
  readonly files: readonly string[];
  /** Copies of these files as validated, in the same relative layout, in case a save breaks them meanwhile. */
  readonly copies: readonly string[];
  /** What is left to try where neither of them starts; absent: nothing. */
  readonly lastResort?: readonly string[];
  /** sha256 of every input as it was validated; `absent` for a missing one. */
  readonly digests: ReadonlyMap<string, string>;
}

export interface PrepareRequest {
  /** The environment the stack would get. */
  readonly env: Environment;
  /** The executable of the running server: a restart does not change the release by accident. */
  readonly runningBinary: string | null;
  /** The command line of the server that this one replaces, if somebody started that by hand: it may name other files. */
  readonly like: readonly string[] | null;
  /** An earlier evaluation of exactly these files may be used; otherwise they are evaluated again. */
  readonly reuse?: boolean;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How a headless server is brought up. */
export interface LaunchCommand {
  readonly argv: readonly [string, ...string[]];
  /** Added to the stack's environment; undefined removes a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its stdout and stderr go here, truncated first; null: stderr goes beside the server's own log, stdout nowhere. */
  readonly outputFile: string | null;
  /** Where the pid is written for the backend's own tools; null: they need none. */
  readonly pidFile: string | null;
  /** Called right before it is spawned, when the stack is verified down; disposed when it answers, or failed to. */
  readonly around?: () => Disposable;
  /** How long it may take to answer, as long as it lives. */
  readonly liveTimeoutMs: number;
}

/** One backend. Nothing here signals or stops a process: stop-stack.ts does that, with proof. */
export interface Supervisor {
  readonly manager: Manager;
  /** Reads what is on disk, as a stack with `env` would, which fills in `${NAME}`. `like` as in prepare. Runs no program. */
  define(env: Environment, like: readonly string[] | null): Promise<Result<Definition>>;
  /** What it last meant, where it cannot be read now; null, or absent: that is not remembered. */
  lastDefined?(env: Environment, like: readonly string[] | null): Definition | null;
  /** The running instance, proved; at most one look at the process table. `ask` replaces the request for `live`. */
  find(ask?: AskIfAlive): Promise<Found>;
  /** Another server of this project that took the same endpoint in the same moment; null: there is none. */
  rivalOf(instance: Instance): ProcessId | null;
  connect(endpoint: Endpoint): Control;
  /** An idle connection, which shows the end of the server at once. */
  watchServer(endpoint: Endpoint): IdleConnection;
  /** Validates and builds what would be started. Touches nothing that runs. */
  prepare(request: PrepareRequest): Promise<Result<Prepared>>;
  /** What `instance` (its uuid) was started from works: remembers it to go back to. Absent, as lastGood: there is no way back. */
  readonly keepGood?: (prepared: Prepared, instance: string) => void;
  /** What was remembered last, ready to be started from its copies; null: none, or not of `instance`. */
  readonly lastGood?: (request: PrepareRequest, instance: string | null) => Promise<Prepared | null>;
  /** Where the prepared server will listen; `wanted`: where the one that it replaces listens. */
  endpointOf(prepared: Prepared, wanted: Endpoint | null): Endpoint;
  /** The command of a headless server on `endpoint`, as `like` was started. */
  serverCommand(
    prepared: Prepared,
    ask: {
      files: readonly string[];
      endpoint: Endpoint;
      logFile: string;
      like: readonly string[] | null;
      /** Variables that every process of the stack must have. */
      carry: Environment;
    },
  ): LaunchCommand;
  /** Starting from the files evaluates once more and may fail, where starting from the copies does not. */
  readonly copiesAreSafer: boolean;
  /** Processes above the server that belong to it and end with it. */
  wrappersOf(server: ProcessId): readonly ProcessId[];
  /** The wrapper that runs something of the project's own after a stop; null: none does. Absent: there is no such thing. */
  stopHook?(server: ProcessId): ProcessId | null;
  /** After a verified stop: removes what still says that one of these processes is running. */
  cleanUp(stopped: readonly number[]): void | Promise<void>;
  /** Our own evaluation changed this file. */
  wroteItself(path: string): boolean;
  /** The command of a TUI on a running server. */
  attachCommand(ask: {
    endpoint: Endpoint;
    logFile: string;
    binary: string;
  }): readonly [string, ...string[]] | Promise<readonly [string, ...string[]]>;
  /** The program of an interactive client; from the running stack, PATH, the cache, or built. */
  binary(request: Omit<PrepareRequest, 'env' | 'like'>): Promise<Result<string>>;
}

export interface ProjectInfo {
  /** As the server reports it: `v1.87.0`; null: it does not. */
  readonly version: string | null;
  readonly startedAt: string;
  /** May be relative to the server's directory. */
  readonly fileNames: readonly string[];
}

/** The conversation with one running supervisor. Every call is bounded (2 s reads) and never throws. */
export interface Control {
  /** The server cannot be asked to end: it is signalled as soon as its services are gone. */
  readonly stays?: true;
  /** Alive: 200, or 401 (then `endpoint-unauthorised`). */
  live(signal?: AbortSignal): Promise<Result<void>>;
  info(signal?: AbortSignal): Promise<Result<ProjectInfo>>;
  /** Sorted by name. */
  states(signal?: AbortSignal): Promise<Result<readonly ServiceState[]>>;
  /** The newest `lines` lines, oldest first; 0: all that the supervisor kept. */
  logs(service: string, lines: number, signal?: AbortSignal): Promise<Result<readonly string[]>>;
  /** Asks one service to stop; may resolve before it has ended. Idempotent: a service that does not run is ok. */
  stopService(name: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Result<void>>;
  /** Asks for the end of everything; a closed connection instead of an answer is ok. */
  stopProject(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Result<void>>;
}
