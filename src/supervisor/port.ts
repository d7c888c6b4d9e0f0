/** The supervisor port: what upkeep needs of whoever runs the services. One folder an adapter. */
import type { Endpoint } from '../core/endpoint.ts';
import type { Environment } from '../core/environment.ts';
import type { Manager } from '../core/manager.ts';
import type { ProcessId } from '../core/process.ts';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import type { IdleConnection } from '../io/connection.ts';
import type { ServiceDefinition, ServiceState } from '../core/service.ts';

/** What the configuration says: the one on disk, or where that takes an evaluation, the one evaluated last. */
export interface Definition {
  readonly services: readonly ServiceDefinition[];
  /** Every file that shapes it, absolute, missing ones included (one that appears must be seen). */
  readonly inputs: readonly string[];
  /** sha256 of what it means, not of how it is written: comments and layout do not count, dotenv contents do. */
  readonly fingerprint: string;
  readonly orderedShutdown: boolean;
  /** The files changed since this was evaluated: nobody knows yet what they mean. */
  readonly outdated: boolean;
  /** Directories that the services' PATH begins with. */
  readonly programs: readonly string[];
  /** What the environment of a service that was started from it says; empty: it says nothing. */
  readonly carried: Environment;
  /** Inputs that are sources of the services at the same time: an evaluation that reads package.json. */
  readonly sharedInputs: readonly string[];
}

/** A running (or hollow) supervisor of this project. */
export interface Instance {
  /** The uuid of our record; null for one that somebody else started. */
  readonly id: string | null;
  readonly owner: 'upkeep' | 'external';
  readonly endpoint: Endpoint;
  readonly server: { readonly pid: number; readonly startTime: string };
  /** From /proc: how to bring an external one back on the same endpoint with the same files. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The server sits on somebody's terminal. */
  readonly onTerminal: boolean;
}

/** Asks a proved instance something; it answers, so it lives. */
export type AskIfAlive = (instance: Instance, control: Control) => Promise<Result<unknown>>;

export type Found =
  | { readonly is: 'none' }
  | { readonly is: 'running'; readonly instance: Instance }
  /** Of this project by its process, but its endpoint does not answer. */
  | { readonly is: 'unreachable'; readonly instance: Instance; readonly failure: Failure }
  /** Something else answers where ours would. */
  | {
      readonly is: 'foreign';
      readonly endpoint: Endpoint;
      readonly pid: number | null;
      readonly cwd: string | null;
      readonly command: string | null;
    };

/** Validated, built, ready to be started: nothing is evaluated between a stop and the start that follows it. */
export interface Prepared {
  readonly definition: Definition;
  readonly binary: string;
  /** What the server is started from: the project's own files. */
  readonly files: readonly string[];
  /** Copies of the same files as they were validated, relative layout kept: for a save that breaks them meanwhile. */
  readonly copies: readonly string[];
  /** sha256 of every input as it was validated; `absent` for a missing one. */
  readonly digests: ReadonlyMap<string, string>;
}

export interface PrepareRequest {
  /** The environment the stack would get. */
  readonly env: Environment;
  /** The executable of the running server: a restart does not change the release by accident. */
  readonly runningBinary: string | null;
  /** Command line of a server that somebody started by hand and that comes back: it may name other files. */
  readonly like: readonly string[] | null;
  /** What was evaluated for exactly these files serves; otherwise they are evaluated again. */
  readonly reuse?: boolean;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How a headless server is brought up. */
export interface LaunchCommand {
  readonly argv: readonly [string, ...string[]];
  /** Over the stack's environment; undefined takes a name out of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Everything it says goes here, begun anew; null: errors beside the server's own log, the rest nowhere. */
  readonly outputFile: string | null;
  /** Names the launched process to the backend's own tools; null: they read none. */
  readonly pidFile: string | null;
  /** Done right before it is spawned, when the stack is verified down; disposed when it answers, or will not. */
  readonly around?: () => Disposable;
  /** How long it may take to answer while it lives. */
  readonly liveTimeoutMs: number;
}

/** One backend. Nothing here signals or stops a process; that is stop-stack's, with proof. */
export interface Supervisor {
  readonly manager: Manager;
  /** Read what is on disk, as a stack with `env` would: it fills in `${NAME}`. `like` as in prepare. No program is run. */
  define(env: Environment, like: readonly string[] | null): Promise<Result<Definition>>;
  /** What it last meant, where it cannot be read now; null, or absent: that is not remembered. */
  lastDefined?(env: Environment, like: readonly string[] | null): Definition | null;
  /** The running instance, proved; at most one look at the process table. `ask`: in place of `live`, for who wants to know more. */
  find(ask?: AskIfAlive): Promise<Found>;
  connect(endpoint: Endpoint): Control;
  /** A connection that asks for nothing: it tells the end of the server at once. */
  watchServer(endpoint: Endpoint): IdleConnection;
  /** Validate and build what would be started. Touches nothing that runs. */
  prepare(request: PrepareRequest): Promise<Result<Prepared>>;
  /** Where a server of what was prepared will listen; `wanted`: where the one that it replaces did. */
  endpointOf(prepared: Prepared, wanted: Endpoint | null): Endpoint;
  /** The command of a headless server on `endpoint`, as `like` was started. */
  serverCommand(
    prepared: Prepared,
    ask: {
      files: readonly string[];
      endpoint: Endpoint;
      logFile: string;
      like: readonly string[] | null;
      /** What every process of the stack must have in its environment. */
      carry: Environment;
    },
  ): LaunchCommand;
  /** A start from the files may still fail where one from the kept copies does not: it evaluates once more. */
  readonly copiesAreSafer: boolean;
  /** Processes above the server that belong to it and end with it. */
  wrappersOf(server: ProcessId): readonly ProcessId[];
  /** After a verified stop: nothing says any more that one of these processes runs. */
  cleanUp(stopped: readonly number[]): void | Promise<void>;
  /** The change of this file is our own evaluation's doing. */
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
  /** As the server tells it: `v1.87.0`; null: it does not. */
  readonly version: string | null;
  readonly startedAt: string;
  /** May be relative to the server's directory. */
  readonly fileNames: readonly string[];
}

/** The conversation with one running supervisor. Every call is bounded (2 s reads) and never throws. */
export interface Control {
  /** It cannot be asked to end: it is signalled as soon as its services are gone. */
  readonly stays?: true;
  /** Alive: 200, or 401 (then `endpoint-unauthorised`). */
  live(signal?: AbortSignal): Promise<Result<void>>;
  info(signal?: AbortSignal): Promise<Result<ProjectInfo>>;
  /** Sorted by name. */
  states(signal?: AbortSignal): Promise<Result<readonly ServiceState[]>>;
  /** The newest `lines` lines, oldest first; 0 = all that the supervisor kept. */
  logs(service: string, lines: number, signal?: AbortSignal): Promise<Result<readonly string[]>>;
  /** Ask one service to stop; the answer may come before it ended. Idempotent: one that does not run is ok. */
  stopService(name: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Result<void>>;
  /** Ask for the end of everything; a hang-up in place of an answer is ok. */
  stopProject(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Result<void>>;
}
