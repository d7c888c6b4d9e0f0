/** Waits until every service is healthy, and proves that it is the new generation that answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../core/failure.ts';
import type { Verdict } from '../core/health.ts';
import { isWell, judge } from '../core/health.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { Role, ServiceDefinition, ServiceState } from '../core/service.ts';
import type { ServiceTrouble, Survivor } from '../core/trouble.ts';
import type { Control } from './port.ts';
import type { LifeSigns } from './life-sign.ts';
import { readLifeSigns, showLife } from './life-sign.ts';

export interface ReadinessBudget {
  /** From the last sign of life. */
  readonly timeoutMs: number;
  readonly capMs: number;
  /** `--timeout`: wins over both, counts from the start of the wait; null: not given. */
  readonly explicitMs: number | null;
}

export interface AwaitReady {
  readonly control: Control;
  /** Not null: the server that is waited for has ended: another one answers in its place. */
  readonly replaced: () => Failure | null;
  readonly definitions: ReadonlyMap<string, ServiceDefinition>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly budget: ReadinessBudget;
  /** The ports a service is declared to listen on, and those of them on which nothing listens yet. */
  readonly portsOf: (service: string) => {
    readonly declared: readonly number[];
    readonly silent: readonly number[];
  };
  /** What disproves "ready": an older generation that lives, a port that somebody else holds. */
  readonly disproof: () => Survivor[];
  readonly signal?: AbortSignal;
  /** Called about once a second with what is still waited for. */
  readonly onProgress?: (progress: { waitedMs: number; waitingFor: readonly string[] }) => void;
}

interface Judged {
  readonly state: ServiceState;
  readonly verdict: Verdict;
  readonly what: string;
}

const stepMs = 20;
const progressMs = 1_000;
/** Without a probe, running for a moment proves nothing: a program that dies on its first import needs this long. */
const steadyMs = 1_000;

/** Resolves when all is well; else `not-ready`, `timeout`, `old-generation-alive`, `interrupted` or an `endpoint-…` reason. */
export async function awaitReady(ask: AwaitReady): Promise<Result<void>> {
  const startedAt = Date.now();
  let lastLifeAt = startedAt;
  let lastProgressAt = startedAt;
  let lifeSigns: LifeSigns = new Map();
  let failing = '';
  for (;;) {
    if (ask.signal?.aborted) return fail({ reason: 'interrupted' });
    const states = await ask.control.states(ask.signal);
    if (!states.ok) return states;
    // The moment in which nobody answers is short: whoever stood still meanwhile does not see it.
    const replaced = ask.replaced();
    if (replaced) return fail(replaced);
    const judged = states.value.map((state) => ({ state, ...verdictOf(ask, state) }));
    const waiting = judged.filter((one) => !isWell(one.verdict));
    const now = Date.now();
    const waitedMs = now - startedAt;
    if (waiting.length === 0 && ask.disproof().length === 0) return ok(undefined);

    // Before its restart policy acts, a service looks failed for a moment: only believe it when it stays so.
    const failed = waiting.filter((one) => one.verdict === 'failed' || one.verdict === 'stopped');
    const failure = failed.map((one) => `${one.state.name}:${one.state.restarts}`).join();
    if (failed.length > 0 && failure === failing) {
      return fail({ reason: 'not-ready', why: 'failed', waitedMs, services: await troubles(ask, failed) });
    }
    failing = failure;

    if (now - lastProgressAt >= progressMs) {
      lastProgressAt = now;
      const waitedFor = waiting.map((one) => one.state);
      const signs = await readLifeSigns(ask.control, waitedFor);
      if (showLife(lifeSigns, signs)) lastLifeAt = now;
      lifeSigns = signs;
      ask.onProgress?.({ waitedMs, waitingFor: waiting.map((one) => one.state.name) });
    }
    const { timeoutMs, capMs, explicitMs } = ask.budget;
    if (explicitMs !== null && waitedMs >= explicitMs) {
      return fail({
        reason: 'timeout',
        doing: 'waiting for readiness',
        timeoutMs: explicitMs,
        services: await troubles(ask, waiting),
      });
    }
    if (explicitMs === null && (now - lastLifeAt >= timeoutMs || waitedMs >= capMs)) {
      if (waiting.length === 0) return fail({ reason: 'old-generation-alive', survivors: ask.disproof() });
      const why = now - lastLifeAt >= timeoutMs ? 'budget' : 'cap';
      return fail({ reason: 'not-ready', why, waitedMs, services: await troubles(ask, waiting) });
    }
    await sleep(stepMs);
  }
}

function verdictOf(ask: AwaitReady, state: ServiceState): { verdict: Verdict; what: string } {
  const judgement = judge(ask.definitions.get(state.name) ?? null, state, ask.roles.get(state.name) ?? null);
  if (judgement.verdict !== 'ok') return judgement;
  const { declared, silent } = ask.portsOf(state.name);
  if (silent.length > 0)
    return { verdict: 'starting', what: `nothing listens on its port ${silent.join(', ')} yet` };
  const believed = judgement.ready !== null || declared.length > 0 || state.ageNs >= steadyMs * 1e6;
  return believed ? judgement : { verdict: 'starting', what: 'running for less than a second' };
}

async function troubles(ask: AwaitReady, services: readonly Judged[]): Promise<ServiceTrouble[]> {
  return Promise.all(
    services.map(async ({ state, what }) => {
      const log = await ask.control.logs(state.name, 20);
      return { name: state.name, what, lastLog: log.ok ? log.value : [] };
    }),
  );
}
