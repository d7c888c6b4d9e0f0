/** Writes a line into the journal for each verb that changed something: `why` and a second `watch` show it. */
import type { UpkeepEvent } from '../../core/event.ts';
import type { Result } from '../../core/result.ts';
import { leftDown } from '../stack/interrupted.ts';
import type { Stack } from '../stack/open-stack.ts';
import { openJournal } from './journal.ts';

type NotedVerb = Extract<UpkeepEvent, { event: 'verb' }>['verb'];

/** To be called when the outcome is known; a verb that never began is not noted. */
export function noteVerb(stack: Stack, verb: NotedVerb, result: Result<unknown>): void {
  if (!result.ok && neverBegan.has(result.failure.reason) && !leftDown(result.failure)) return;
  const event: UpkeepEvent = { event: 'verb', verb, failure: result.ok ? null : result.failure };
  openJournal(stack)({ t: new Date().toISOString(), ...event });
}

const neverBegan: ReadonlySet<string> = new Set(['lock-timeout', 'interrupted', 'state-unwritable']);
