/** The documents of `ps` and `reap`: who is of the stack and why, and what would be ended or removed. */

/**
 * `external`: of this project, started by somebody else. `beyond`: of the stack, as another user, so it is never signalled.
 * `detached`: came from the stack and left it. `suspect`: looks like ours, and nothing proves it.
 */
export type ProcessClass = 'ours' | 'external' | 'beyond' | 'detached' | 'suspect';

export interface ProcessReport {
  readonly pid: number;
  readonly startTime: string;
  /** ISO. */
  readonly since: string | null;
  readonly service: string | null;
  readonly class: ProcessClass;
  /** The supervisor, or a wrapper above it. */
  readonly server: boolean;
  /** Of an earlier run: `upkeep reap` ends it. */
  readonly leftover: boolean;
  /** Looks like a service that lost its supervisor, and nothing proves it: `upkeep reap PID` ends it. */
  readonly stray: boolean;
  /** The uuid of the instance that it was started by; null: not of one of ours. */
  readonly generation: string | null;
  readonly evidence: readonly string[];
  readonly command: string;
}

export interface OtherProject {
  readonly key: string;
  /** null: nobody knows where it lies. */
  readonly root: string | null;
  readonly processes: readonly Pick<ProcessReport, 'pid' | 'startTime' | 'since' | 'service' | 'command'>[];
}

export interface ReapPlan {
  readonly processes: readonly ProcessReport[];
  /** Socket files that nobody listens on, or nobody will when the processes have ended. */
  readonly sockets: readonly string[];
  readonly records: readonly { readonly path: string; readonly because: string }[];
  /** What stays although it looks like rubbish, and why. */
  readonly kept: readonly { readonly path: string; readonly because: string }[];
  /** Left alone: they look like services that lost their supervisor. Those that were named are among `processes`. */
  readonly strays: readonly ProcessReport[];
  /** Left alone: they came from the stack, and live their own lives. */
  readonly detached: readonly ProcessReport[];
}

export const isEmptyPlan = (plan: ReapPlan): boolean =>
  plan.processes.length === 0 && plan.sockets.length === 0 && plan.records.length === 0;

/** What tells whether a member is of the stack that runs now. */
interface Lineage {
  readonly pid: number;
  readonly evidence: readonly string[];
  readonly generation: string | null;
}

/** The instance that runs now. */
export interface Running {
  /** Every uuid that is its own: of its marker, and of the record that somebody else's gets before it is touched. */
  readonly ids: ReadonlySet<string>;
  readonly server: { readonly pid: number };
}

/**
 * Left behind by an earlier run. Without a running server all of them are. Beside one only what carries the name of another
 * generation and does not descend from it: a healthy stack must never be taken for a leftover.
 */
export function isLeftover({ pid, evidence, generation }: Lineage, running: Running | null): boolean {
  if (running === null) return true;
  if (pid === running.server.pid || evidence.includes('tree')) return false;
  return generation !== null && !running.ids.has(generation);
}
