/** One line in the journal for each verb that changed something: `why` and a second `watch` read it there. */
import type { UpkeepEvent } from '../../core/event.ts';
import type { Result } from '../../core/result.ts';
import { leftDown } from '../stack/interrupted.ts';
import type { Stack } from '../stack/open-stack.ts';
import { openJournal } from './journal.ts';

type NotedVerb = Extract<UpkeepEvent, { event: 'verb' }>['verb'];

/** To be called when the outcome is known; a verb that found nothing to do, or never began, notes nothing. */
export function noteVerb(stack: Stack, verb: NotedVerb, result: Result<unknown>): void {
  if (!result.ok && neverBegan.has(result.failure.reason) && !leftDown(result.failure)) return;
  const event: UpkeepEvent = { event: 'verb', verb, failure: result.ok ? null : result.failure };
  openJournal(stack)({ t: new Date().toISOString(), ...event });
}

const neverBegan: ReadonlySet<string> = new Set(['lock-timeout', 'interrupted', 'state-unwritable']);
