/** What the native manager says of a process, and what its process shows, in upkeep's words (pure). */
import type { ServiceState, ServiceStatus } from '../../core/service.ts';
import type { Listed } from './protocol.ts';

/** The process that the manager started for it, as it was found; null: there is none, or it cannot be told. */
export interface Leader {
  readonly pid: number;
  readonly ageMs: number | null;
}

/**
 * A process that crashed and runs again says `ready` at once where no probe tells: a loop would look well most of the time.
 * Longer than a run that fails at its start takes, and than the manager's own pause.
 */
const steadyMs = 2_000;

/** What is looked at only where the manager's word is not enough. */
export interface Seen {
  /** By its manager; null: not looked at, or nobody can tell. */
  readonly probed?: boolean | null;
  /** It is sure that there is no process, and there was none a moment ago. */
  readonly lost?: boolean;
}

/**
 * Whether a process that is `starting` will ever be called ready. The manager sets every process that it restarted to `starting`,
 * and only a probe moves it on: one without stays there for good (devenv 2.2.2, supervisor.rs).
 */
export const needsProbe = ({ phase, restarts }: Listed): boolean => phase === 'starting' && restarts > 0;

/** `managerAgeMs` stands for the age of a process that cannot be found. Exit codes are told by nobody. */
export function stateOf(
  listed: Listed,
  leader: Leader | null,
  managerAgeMs: number,
  { probed = null, lost = false }: Seen = {},
): ServiceState {
  const { name, restarts, ports } = listed;
  const ageMs = leader?.ageMs ?? managerAgeMs;
  const runsUnprobed = needsProbe(listed) && leader !== null && probed === false;
  const told = lost ? 'Lost' : runsUnprobed ? 'Running' : statusOf(listed.phase);
  // One that has been restarted and has no process at this moment has just ended again.
  const isYoung = leader === null || ageMs < steadyMs;
  const loops = restarts > 0 && isYoung && (told === 'Running' || told === 'Launching');
  const status = loops ? 'Restarting' : told;
  return {
    name,
    namespace: 'default',
    status,
    isReady: listed.phase === 'ready' ? 'ready' : 'unknown',
    hasProbe: null,
    restarts,
    exitCode: null,
    isRunning: status === 'Running' || status === 'Launching',
    pid: leader?.pid ?? null,
    ageNs: ageMs * 1e6,
    successExitCodes: [],
    ports,
  };
}

/**
 * ```
 * not_started, waiting ──▶ Pending      starting ───▶ Launching      ready ──▶ Running
 * restarting ────────────▶ Restarting   stopping ───▶ Terminating
 * exited ────────────────▶ Completed    gave_up ────▶ gave_up        stopped ▶ Stopped
 * ```
 * Any other word stays as it came: nobody knows what it means.
 */
function statusOf(phase: string): ServiceStatus | (string & {}) {
  return words[phase] ?? phase;
}

const words: Readonly<Record<string, ServiceStatus>> = {
  not_started: 'Pending',
  waiting: 'Pending',
  starting: 'Launching',
  ready: 'Running',
  restarting: 'Restarting',
  stopping: 'Terminating',
  exited: 'Completed',
  gave_up: 'gave_up',
  stopped: 'Stopped',
};
