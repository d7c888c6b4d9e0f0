/** `upkeep why [SERVICE]`: explains why the stack restarted last, is stale, or is not running. */
import { ok } from '../../core/result.ts';
import type { Intended, WhyReport } from '../../core/why.ts';
import { isWell } from '../../core/health.ts';
import { lastRefusal, lastRestart } from '../../core/last-restart.ts';
import { downBecause, whyService } from '../../core/why.ts';
import { bootId } from '../../processes/boot.ts';
import { whyLines } from '../../ui/why-view.ts';
import type { Verb } from '../call.ts';
import { open } from '../call.ts';
import type { Observation } from '../stack/observe.ts';
import { observe } from '../stack/observe.ts';
import type { Stack } from '../stack/open-stack.ts';
import { readIntent } from '../stack/state-records.ts';
import { recentEvents } from '../watch/journal-read.ts';
import { unknownServices } from './unknown-services.ts';

export interface WhyOptions {
  /** null: the whole stack, and the services that are not well. */
  readonly name: string | null;
}

export const why: Verb<WhyOptions> = async (call, { name }) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const observation = await observe(stack.value);
  const known = namesOf(stack.value, observation);
  const unknown = unknownServices(name === null ? [] : [name], known);
  if (unknown) return unknown;
  const report = explainStack(stack.value, observation, name);
  call.printer.document(report);
  call.printer.answer(whyLines(report, call.printer.style).join('\n'));
  if (!observation.model.ok) call.printer.warning(observation.model.failure);
  return ok(0);
};

function namesOf(stack: Stack, { report, model }: Observation): string[] {
  const names = [
    ...report.services.map((service) => service.name),
    ...(model.ok ? model.value.services.keys() : []),
    ...stack.records().flatMap((record) => record.services),
  ];
  return [...new Set(names)];
}

function explainStack(stack: Stack, { report, model }: Observation, name: string | null): WhyReport {
  const events = recentEvents(stack);
  const definitions = model.ok ? model.value.services : new Map();
  const last = lastRestart(events, report.instance?.startedAt ?? null);
  const selected = report.services.filter((one) =>
    name === null ? !isWell(one.verdict) : one.name === name,
  );
  return {
    schema: 1,
    root: report.root,
    stack: report.stack,
    healthy: report.healthy,
    down: report.stack === 'down' ? downBecause(lastIntent(stack), report.orphans.length) : null,
    lastRestart: last,
    refused: lastRefusal(events, last?.at ?? null),
    freshness: report.freshness,
    services: selected.map((service) => whyService(service, definitions, report, events)),
    next: report.next,
  };
}

function lastIntent(stack: Stack): Intended | null {
  const intent = readIntent(stack.project);
  if (!intent.ok || intent.value === null) return null;
  return { ...intent.value, thisBoot: intent.value.bootId === bootId() };
}
