/** Decides, from the supervisor's state and the declaration, whether a service is well, and the whole stack. */
import type { Role, ServiceDefinition, ServiceState } from './service.ts';

export type Verdict = 'ok' | 'starting' | 'unready' | 'failed' | 'stopped' | 'done' | 'disabled';

/** Nothing to wait for, and nothing to fix. */
export const isWell = (verdict: Verdict): boolean =>
  verdict === 'ok' || verdict === 'done' || verdict === 'disabled';

export interface Judgement {
  readonly verdict: Verdict;
  /** null: it has no readiness probe. */
  readonly ready: boolean | null;
  /** One phrase for people: `exited with 7`. */
  readonly what: string;
}

/**
 * One service. `definition` null: it is not known, and the state alone decides; `role` null: not recognised.
 * ```
 * Disabled, Foreground ───────────────────────────────────▶ disabled
 * Pending, Launching, Restarting ─────────────────────────▶ starting
 * Running, Launched ── no readiness probe, or Ready ──────▶ ok
 *                   ├─ no result yet ─────────────────────▶ starting
 *                   └─ Not Ready ─────────────────────────▶ unready
 * Completed, Watching ── good code, awaited or a task ────▶ done
 *                     ├─ good code ───────────────────────▶ stopped
 *                     └─ any other ───────────────────────▶ failed
 * Scheduled (waits for its next time) ── good code ───────▶ done, else failed
 * Terminating ────────────────────────────────────────────▶ stopped
 * Stopped ── as it is declared ───────────────────────────▶ disabled, else stopped
 * Skipped, Error, gave_up, Lost ──────────────────────────▶ failed
 * ```
 */
export function judge(
  definition: ServiceDefinition | null,
  state: ServiceState,
  role: Role | null,
): Judgement {
  const probed = hasReadinessProbe(definition, state);
  // `Ready` stays after a crash, so only a living process can be ready.
  const idle = (verdict: Verdict, what: string): Judgement => ({
    verdict,
    ready: probed ? false : null,
    what,
  });
  switch (state.status) {
    case 'Disabled':
      return idle('disabled', 'disabled');
    case 'Foreground':
      return idle('disabled', 'runs only when started by hand, in the foreground');
    case 'Stopped':
      return definition?.disabled ? idle('disabled', 'disabled') : idle('stopped', 'was stopped');
    case 'Pending':
      return definition?.disabled ? idle('disabled', 'disabled') : idle('starting', pending(definition));
    case 'Launching':
      return idle('starting', definition?.probe ? `waits for ${definition.probe}` : 'launching');
    case 'Restarting':
      return idle('starting', `restarting after it ${ended(state)}`);
    case 'Running':
    case 'Launched':
      return running(definition, state, probed);
    case 'Terminating':
      return idle('stopped', 'stopping');
    case 'Completed':
    case 'Watching':
      if (!endedWell(definition, state)) return idle('failed', ended(state));
      if (definition?.awaitedToComplete || role === 'task') return idle('done', 'completed');
      return idle('stopped', `${ended(state)}; ${declareTask(state.name)}`);
    case 'Scheduled':
      return endedWell(definition, state)
        ? idle('done', 'waits for its next scheduled run')
        : idle('failed', ended(state));
    case 'Skipped':
      return idle('failed', 'skipped: a service that it depends on failed or ended');
    case 'Error':
      // There is always a shell; what keeps it from starting is the directory.
      return idle(
        'failed',
        `could not be started${definition ? `: is its directory ${definition.workingDirectory} there?` : ''}`,
      );
    case 'Lost':
      return idle('failed', 'has no process any more, and its supervisor has not noticed');
    case 'gave_up':
      return idle('failed', `gave up after ${state.restarts} restarts`);
    default:
      return state.isRunning
        ? running(definition, state, probed)
        : idle('stopped', `is ${JSON.stringify(state.status)}, a status that upkeep does not know`);
  }
}

/** `exit_code` belongs to the previous run and is ignored here: an automatic restart does not reset it. */
function running(definition: ServiceDefinition | null, state: ServiceState, probed: boolean): Judgement {
  if (!probed) return { verdict: 'ok', ready: null, what: 'running' };
  if (state.isReady === 'ready') return { verdict: 'ok', ready: true, what: 'ready' };
  const probe = definition?.probe ?? 'its probe';
  return state.isReady === 'unknown'
    ? { verdict: 'starting', ready: false, what: `waits for the first answer of ${probe}` }
    : { verdict: 'unready', ready: false, what: `not ready: ${probe} did not succeed` };
}

/**
 * `has_ready_probe` is also true for a liveness probe, which never makes a service ready: without the definition, only an
 * actual result shows a readiness probe. Releases before 1.63 do not say (null).
 */
function hasReadinessProbe(definition: ServiceDefinition | null, state: ServiceState): boolean {
  return definition ? definition.hasReadinessProbe : state.hasProbe !== false && state.isReady !== 'unknown';
}

const endedWell = (definition: ServiceDefinition | null, state: ServiceState): boolean =>
  [null, 0, ...state.successExitCodes, ...(definition?.successExitCodes ?? [])].includes(state.exitCode);

/** Go reports -1 for a process that a signal ended. */
function ended({ exitCode }: ServiceState): string {
  if (exitCode === null) return 'ended';
  return exitCode === -1 ? 'was ended by a signal' : `exited with ${exitCode}`;
}

const pending = (definition: ServiceDefinition | null): string =>
  definition && definition.dependsOn.length > 0
    ? `waits for ${definition.dependsOn.map((dependency) => dependency.name).join(', ')}`
    : 'waits to be started';

const declareTask = (name: string): string =>
  `if it is meant to end, put into upkeep.yaml: services: { ${/^[A-Za-z][\w-]*$/.test(name) ? name : JSON.stringify(name)}: { role: task } }`;

export type StackWord = 'up' | 'starting' | 'stopping' | 'degraded' | 'down' | 'hollow' | 'unreachable';

export interface Observed {
  /** none: no supervisor of this project; unreachable: there is one, but it does not answer. */
  readonly supervisor: 'none' | 'unreachable' | 'answers';
  readonly services: readonly { readonly state: ServiceState; readonly verdict: Verdict }[];
}

/**
 * The whole stack in one word. `healthy`: it answers and every service is ok, done or disabled. The first that holds wins:
 * unreachable, down, stopping (one is on its way out), hollow (nothing runs or is about to, and something should), degraded
 * (one failed or stopped), starting, up. A service that is only `unready` leaves the stack up, and not healthy.
 */
export function summarise({ supervisor, services }: Observed): {
  readonly stack: StackWord;
  readonly healthy: boolean;
} {
  if (supervisor === 'unreachable') return { stack: 'unreachable', healthy: false };
  if (supervisor === 'none') return { stack: 'down', healthy: false };
  const has = (...verdicts: Verdict[]): boolean => services.some(({ verdict }) => verdicts.includes(verdict));
  const healthy = !has('starting', 'unready', 'failed', 'stopped');
  // A service that was stopped while Pending stays Terminating for ever, with pid 0.
  const stopping = services.some(({ state }) => state.status === 'Terminating' && state.pid !== null);
  if (stopping) return { stack: 'stopping', healthy: false };
  if (!has('ok', 'starting', 'unready') && !healthy) return { stack: 'hollow', healthy };
  if (has('failed', 'stopped')) return { stack: 'degraded', healthy };
  return { stack: has('starting') ? 'starting' : 'up', healthy };
}
