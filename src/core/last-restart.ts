/** Decides, from past events, when and why the stack was last restarted, and what failed since. */
import type { Cause, UpkeepEvent } from './event.ts';
import type { Failure } from './failure.ts';

/** An event with its time, ISO. */
export type Happened = UpkeepEvent & { readonly t: string };

export interface LastRestart {
  readonly at: string;
  /** `unknown`: before the journal began, or with other means than upkeep. */
  readonly by: 'watcher' | 'hand' | 'unknown';
  readonly what: 'start' | 'restart';
  readonly cause: Cause | null;
  /** null: not over yet, or not known. */
  readonly outcome: string | null;
  readonly downtimeMs: number | null;
}

/** Times of the journal and of the supervisor may differ by this much, through delays and rounding. */
const slackMs = 2_000;

/**
 * The last time the stack came up; what was refused, or found to mean the same, is not a restart. `startedAt`: when the running
 * instance started, ISO; null: nothing runs. Events before that are about an earlier instance.
 */
export function lastRestart(events: readonly Happened[], startedAt: string | null): LastRestart | null {
  const from = startedAt === null ? Number.NEGATIVE_INFINITY : Date.parse(startedAt) - slackMs;
  for (const event of events.toReversed()) {
    if (Date.parse(event.t) < from && event.event !== 'restart.begin') continue;
    if (event.event === 'verb' && event.failure === null && event.verb !== 'stop' && event.verb !== 'reap') {
      const { verb: what, t: at } = event;
      return { at, by: 'hand', what, cause: null, outcome: 'ok', downtimeMs: null };
    }
    if (event.event !== 'restart.begin') continue;
    const end = endOf(events, event.restart);
    if (end && (notRestarted.has(end.outcome) || Date.parse(end.t) < from)) continue;
    if (!end && events.some((later) => later.t > event.t && Date.parse(later.t) < from && isAfter(later)))
      continue;
    return {
      at: event.t,
      by: 'watcher',
      what: 'restart',
      cause: event.cause,
      outcome: end?.outcome ?? null,
      downtimeMs: end?.downtimeMs ?? null,
    };
  }
  if (startedAt === null) return null;
  return { at: startedAt, by: 'unknown', what: 'start', cause: null, outcome: null, downtimeMs: null };
}

/** A restart whose watcher was killed in the middle has no end; none of these is reported while one is under way. */
const isAfter = ({ event }: Happened): boolean => event === 'stack' || event === 'verb' || event === 'stop';

const notRestarted: ReadonlySet<string> = new Set(['no-change', 'config-bad']);

const endOf = (events: readonly Happened[], restart: string) =>
  events.find(
    (event): event is Extract<Happened, { event: 'restart.end' }> =>
      event.event === 'restart.end' && event.restart === restart,
  );

export interface Refused {
  readonly at: string;
  readonly what: string;
  readonly failure: Failure;
}

/** The newest failure or refusal since `after` (ISO), unless something succeeded since. */
export function lastRefusal(events: readonly Happened[], after: string | null): Refused | null {
  for (const event of events.toReversed()) {
    if (after !== null && event.t <= after) return null;
    if (event.event === 'verb' && event.failure)
      return { at: event.t, what: `upkeep ${event.verb}`, failure: event.failure };
    if (event.event === 'restart.end' && event.failure)
      return { at: event.t, what: `restart ${event.restart} of the watcher`, failure: event.failure };
    if (event.event === 'verb' || (event.event === 'restart.end' && event.outcome === 'ok')) return null;
  }
  return null;
}
