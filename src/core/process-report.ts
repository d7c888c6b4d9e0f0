/** The documents of `ps` and `reap`: which processes belong to the stack and why, and what would be ended or removed. */

/**
 * `external`: of this project, started by somebody else. `beyond`: of the stack, but as another user, so never signalled.
 * `detached`: came from the stack and left it. `suspect`: looks like ours, without proof.
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
  /** From an earlier run: `upkeep reap` ends it. */
  readonly leftover: boolean;
  /** Looks like a service that lost its supervisor, without proof: `upkeep reap PID` ends it. */
  readonly stray: boolean;
  /** The uuid of the instance that started it; null: none of ours. */
  readonly generation: string | null;
  readonly evidence: readonly string[];
  readonly command: string;
}

export interface OtherProject {
  readonly key: string;
  /** null: not known. */
  readonly root: string | null;
  readonly processes: readonly Pick<ProcessReport, 'pid' | 'startTime' | 'since' | 'service' | 'command'>[];
}

export interface ReapPlan {
  readonly processes: readonly ProcessReport[];
  /** Socket files that nobody listens on, or nobody will when the processes have ended. */
  readonly sockets: readonly string[];
  readonly records: readonly { readonly path: string; readonly because: string }[];
  /** Records that stay although nothing uses them, and why. */
  readonly kept: readonly { readonly path: string; readonly because: string }[];
  /** Left alone: they look like services that lost their supervisor. Those that were named are among `processes`. */
  readonly strays: readonly ProcessReport[];
  /** Left alone: they came from the stack, and live their own lives. */
  readonly detached: readonly ProcessReport[];
}

export const isEmptyPlan = (plan: ReapPlan): boolean =>
  plan.processes.length === 0 && plan.sockets.length === 0 && plan.records.length === 0;

/** What decides whether a member belongs to the running instance. */
interface Lineage {
  readonly pid: number;
  readonly evidence: readonly string[];
  readonly generation: string | null;
}

/** The instance that runs now. */
export interface Running {
  /** Every uuid of it: that of its marker, and that of the record which a stack of somebody else gets. */
  readonly ids: ReadonlySet<string>;
  readonly server: { readonly pid: number };
}

/**
 * Left behind by an earlier run. Without a running server, every member is. Beside one, only what carries another generation
 * and does not descend from the server: a healthy stack must never be taken for a leftover.
 */
export function isLeftover({ pid, evidence, generation }: Lineage, running: Running | null): boolean {
  if (running === null) return true;
  if (pid === running.server.pid || evidence.includes('tree')) return false;
  return generation !== null && !running.ids.has(generation);
}
