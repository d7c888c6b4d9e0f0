/** Decides from what happened and what is true why a stack was restarted, why it is down, and what a service waits for. */
import type { Cause, UpkeepEvent } from './event.ts';
import type { Failure } from './failure.ts';
import type { Condition, ServiceDefinition } from './service.ts';
import type { ServiceReport, StatusReport } from './status.ts';

/** An event and when it was, ISO. */
export type Happened = UpkeepEvent & { readonly t: string };

export interface LastRestart {
  readonly at: string;
  /** `unknown`: before the journal began, or by somebody who does not write it. */
  readonly by: 'watcher' | 'hand' | 'unknown';
  readonly what: 'start' | 'restart';
  readonly cause: Cause | null;
  /** null: not over yet, or not known. */
  readonly outcome: string | null;
  readonly downtimeMs: number | null;
}

/** An event is written after the start that it tells of; clocks and roundings may disagree by this much. */
const slackMs = 2_000;

/**
 * The last time the stack came up; what was refused, or found to mean the same, is no restart. `startedAt`: when the running
 * instance says that it started, ISO; null: nothing runs. What happened before it tells of an earlier one.
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

/** A restart whose watcher was killed in the middle has no end; nothing of this is told while one is under way. */
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

/** What failed or was refused since `after` (ISO); the newest alone. */
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

/** What the last verb was about to do, as it wrote it down. */
export interface Intended {
  readonly at: string;
  readonly verb: string;
  readonly desired: 'up' | 'down';
  readonly outcome: 'begun' | 'done' | 'failed';
  readonly thisBoot: boolean;
}

/** One sentence, without the leading "down"; `at` when a verb of ours is the reason. */
export function downBecause(intended: Intended | null, orphans: number): NonNullable<WhyReport['down']> {
  if (intended === null) return { because: 'upkeep never started it', at: null };
  const { at, verb, desired, outcome, thisBoot } = intended;
  const by = (what: string) => ({ because: `\`upkeep ${verb}\` ${what}`, at });
  if (!thisBoot) return { because: 'this machine was started anew since it ran', at: null };
  if (outcome === 'begun') return by('was cut off before it was done');
  if (outcome === 'failed') return by('failed');
  if (desired === 'down') return by('stopped it');
  const left = `its supervisor was killed or crashed, and left ${orphans} process${orphans === 1 ? '' : 'es'} behind`;
  return { because: orphans > 0 ? left : 'its supervisor ended without being asked by upkeep', at: null };
}

export interface Blocker {
  readonly name: string;
  readonly condition: Condition;
  readonly verdict: ServiceReport['verdict'] | 'unknown';
  readonly what: string;
}

/**
 * What `name` waits for, down to the first cause: each waits for the next. Empty: for nobody. A cycle ends where it began;
 * process-compose refuses it anyway.
 */
export function blockersOf(
  name: string,
  definitions: ReadonlyMap<string, ServiceDefinition>,
  report: Pick<StatusReport, 'services'>,
): Blocker[] {
  const chain: Blocker[] = [];
  const seen = new Set([name]);
  for (let at: string | null = name; at !== null;) {
    const next: Blocker | null = firstUnmet(at, definitions, report);
    if (next === null || seen.has(next.name)) return chain;
    chain.push(next);
    seen.add(next.name);
    at = next.name;
  }
  return chain;
}

function firstUnmet(
  name: string,
  definitions: ReadonlyMap<string, ServiceDefinition>,
  { services }: Pick<StatusReport, 'services'>,
): Blocker | null {
  for (const dependency of definitions.get(name)?.dependsOn ?? []) {
    const found = services.find((service) => service.name === dependency.name);
    if (found && isMet(dependency.condition, found)) continue;
    const { verdict, what } = found ?? {
      verdict: 'unknown' as const,
      what: 'it is not in the running stack',
    };
    return { ...dependency, verdict, what };
  }
  return null;
}

function isMet(condition: Condition, service: ServiceReport): boolean {
  const started = !['starting', 'disabled'].includes(service.verdict) || service.pid !== null;
  switch (condition) {
    case 'process_started':
      return started;
    case 'process_healthy':
      return service.verdict === 'ok' && service.ready !== false;
    case 'process_completed':
      return service.pid === null && service.exitCode !== null;
    case 'process_completed_successfully':
      return service.verdict === 'done' || (service.pid === null && service.exitCode === 0);
    case 'process_log_ready':
      return service.verdict === 'ok';
  }
}

export interface WhyService {
  readonly name: string;
  readonly verdict: ServiceReport['verdict'];
  readonly what: string;
  readonly fresh: ServiceReport['fresh'];
  /** By the supervisor, since the stack started. */
  readonly restarts: number;
  readonly exitCode: number | null;
  readonly startedAt: string | null;
  readonly blockedBy: readonly Blocker[];
  /** The newest change that the watcher saw. */
  readonly lastChange: { readonly at: string; readonly from: string; readonly to: string } | null;
  readonly lastLog: readonly string[];
}

/** The document of `why --json`. */
export interface WhyReport {
  readonly schema: 1;
  readonly root: string;
  readonly stack: StatusReport['stack'];
  readonly healthy: boolean;
  /** null: it is not down. */
  readonly down: { readonly because: string; readonly at: string | null } | null;
  readonly lastRestart: LastRestart | null;
  readonly refused: Refused | null;
  readonly freshness: StatusReport['freshness'];
  /** The one asked for, or those that are not well. */
  readonly services: readonly WhyService[];
  readonly next: readonly string[];
}

export function whyService(
  service: ServiceReport,
  definitions: ReadonlyMap<string, ServiceDefinition>,
  report: Pick<StatusReport, 'services'>,
  events: readonly Happened[],
): WhyService {
  const change = events.findLast((event) => event.event === 'service' && event.name === service.name);
  const well = isWell(service);
  return {
    name: service.name,
    verdict: service.verdict,
    what: service.what,
    fresh: service.fresh,
    restarts: service.restarts,
    exitCode: service.exitCode,
    startedAt: service.startedAt,
    blockedBy: well ? [] : blockersOf(service.name, definitions, report),
    lastChange: change?.event === 'service' ? { at: change.t, from: change.from, to: change.to } : null,
    lastLog: service.lastLog,
  };
}

export const isWell = ({ verdict }: Pick<ServiceReport, 'verdict'>): boolean =>
  verdict === 'ok' || verdict === 'done' || verdict === 'disabled';
