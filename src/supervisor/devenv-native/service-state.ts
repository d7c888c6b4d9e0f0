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

/** `managerAgeMs` stands for the age of a process that cannot be found. Exit codes are told by nobody. */
export function stateOf(listed: Listed, leader: Leader | null, managerAgeMs: number): ServiceState {
  const { name, restarts, ports } = listed;
  const ageMs = leader?.ageMs ?? managerAgeMs;
  const told = statusOf(listed.phase);
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
 * not_started ───────────▶ Disabled     starting ───▶ Launching      ready ──▶ Running
 * waiting ───────────────▶ Pending
 * restarting ────────────▶ Restarting   stopping ───▶ Terminating
 * exited ────────────────▶ Completed    gave_up ────▶ gave_up        stopped ▶ Stopped
 * ```
 * One that is not started is not going to be by itself: `start.enable = false`, or `devenv up` named others. Any other word stays
 * as it came: nobody knows what it means.
 */
function statusOf(phase: string): ServiceStatus | (string & {}) {
  return words[phase] ?? phase;
}

const words: Readonly<Record<string, ServiceStatus>> = {
  not_started: 'Disabled',
  waiting: 'Pending',
  starting: 'Launching',
  ready: 'Running',
  restarting: 'Restarting',
  stopping: 'Terminating',
  exited: 'Completed',
  gave_up: 'gave_up',
  stopped: 'Stopped',
};
