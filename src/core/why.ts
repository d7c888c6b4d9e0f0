/** Decides why a stack is down and why a service is not well; the document of `why`. */
import type { Blocker } from './blockers.ts';
import { blockersOf } from './blockers.ts';
import { isWell } from './health.ts';
import type { Happened, LastRestart, Refused } from './last-restart.ts';
import type { ServiceDefinition } from './service.ts';
import type { ServiceReport, StatusReport } from './status.ts';

/** What the last verb was about to do, as recorded. */
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
  if (!thisBoot) return { because: 'this machine was rebooted since it ran', at: null };
  if (outcome === 'begun') return by('was cut off before it was done');
  if (outcome === 'failed') return by('failed');
  if (desired === 'down') return by('stopped it');
  const left = `its supervisor was killed or crashed, and left ${orphans} process${orphans === 1 ? '' : 'es'} behind`;
  return { because: orphans > 0 ? left : 'its supervisor ended without being asked by upkeep', at: null };
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

  return {
    name: service.name,
    verdict: service.verdict,
    what: service.what,
    fresh: service.fresh,
    restarts: service.restarts,
    exitCode: service.exitCode,
    startedAt: service.startedAt,
    blockedBy: isWell(service.verdict) ? [] : blockersOf(service.name, definitions, report),
    lastChange: change?.event === 'service' ? { at: change.t, from: change.from, to: change.to } : null,
    lastLog: service.lastLog,
  };
}
