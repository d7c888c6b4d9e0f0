/** What a service is: as the files declare it (definition), and as the supervisor reports it (state). */

export type Role = 'code' | 'self' | 'store' | 'task';

/** One service as the configuration declares it, adapter-neutral. */
export interface ServiceDefinition {
  readonly name: string;
  /** The command line as a shell would get it; `entrypoint` lists are joined with spaces. */
  readonly command: string;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly dependsOn: readonly { readonly name: string; readonly condition: Condition }[];
  /** true when another service waits for this one's completion. */
  readonly awaitedToComplete: boolean;
  readonly hasReadinessProbe: boolean;
  /** In words, for messages: `GET http://127.0.0.1:3000/health`, `exec pg_isready`; null without a probe. */
  readonly probe: string | null;
  /** Ports that the service is declared to listen on: loopback port of an http readiness probe. */
  readonly ports: readonly number[];
  readonly disabled: boolean;
  /** The manager itself restarts it on file changes (process-compose `watch:`, devenv `watch.paths`). */
  readonly watchedByManager: boolean;
  readonly restart: 'no' | 'always' | 'on_failure' | 'exit_on_failure';
  readonly successExitCodes: readonly number[];
  readonly shutdown: {
    readonly command: string | null;
    readonly timeoutMs: number | null;
    readonly signal: number;
  };
  /** The text of the npm script, just recipe or shell script that the command calls, one level deep; null: it calls none. */
  readonly script: { readonly from: string; readonly text: string } | null;
}

/** What one service may wait for in another, in the words of process-compose. */
export const conditions = [
  'process_started',
  'process_healthy',
  'process_completed',
  'process_completed_successfully',
  'process_log_ready',
] as const;
export type Condition = (typeof conditions)[number];

/** The words of process-compose; other adapters translate into them. */
export type ServiceStatus =
  | 'Disabled'
  | 'Foreground'
  | 'Pending'
  | 'Running'
  | 'Launching'
  | 'Launched'
  | 'Restarting'
  | 'Terminating'
  | 'Completed'
  | 'Skipped'
  | 'Error'
  | 'Scheduled'
  | 'Watching'
  | 'gave_up'
  /** Its supervisor takes it for running, and it has no process: nobody will start it again. */
  | 'Lost'
  /** Ended because somebody asked for it, or never started because it is disabled. */
  | 'Stopped';

/** One service as its supervisor reports it. */
export interface ServiceState {
  readonly name: string;
  readonly namespace: string;
  /** A word that we do not know is kept as it came. */
  readonly status: ServiceStatus | (string & {});
  /** The supervisor's word at this moment; `ready` stays after a crash, so never read it alone. */
  readonly isReady: 'ready' | 'not-ready' | 'unknown';
  /** A readiness *or* liveness probe; null: the release does not tell (before 1.63). */
  readonly hasProbe: boolean | null;
  readonly restarts: number;
  /** Of the last exit, even while it is running again. null: the supervisor does not tell. */
  readonly exitCode: number | null;
  readonly isRunning: boolean;
  /** Kept after the exit by process-compose; null when it never ran. */
  readonly pid: number | null;
  /** Nanoseconds since the last start; frozen after the exit. */
  readonly ageNs: number;
  readonly successExitCodes: readonly number[];
  /** Those that the supervisor assigned, where it does that. */
  readonly ports?: readonly number[];
}
