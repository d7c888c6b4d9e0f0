/** What a verb that was cut off left behind: is the stack that runs now half of something, or whole? */
import type { StatusReport } from '../../core/status.ts';
import { bootId } from '../../processes/boot.ts';
import { startedAt } from '../../processes/since.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from './busy.ts';
import type { Stack } from './open-stack.ts';
import type { IntentRecord } from './state-records.ts';
import { readIntent } from './state-records.ts';

/** The kernel tells the boot in seconds. */
const clockMs = 1_000;

/**
 * A `start` that was cut off leaves a whole stack or none. Anything else may have begun to stop this instance: half of its
 * services are down, or its supervisor goes on stopping. One that somebody else started since then is theirs, and whole.
 */
export function isHalfDone(unfinished: IntentRecord | null, instance: Instance): boolean {
  if (unfinished === null || unfinished.verb === 'start') return false;
  if (instance.owner === 'upkeep') return true;
  const began = startedAt(instance.server.startTime);
  return began !== null && Date.parse(began) + clockMs < Date.parse(unfinished.at);
}

/** Told by the records alone; null: the last verb came to its end, is still at work, or was cut off by a new boot. */
export function cutOffVerb(stack: Stack): StatusReport['unfinished'] {
  const last = readIntent(stack.project);
  if (!last.ok || last.value?.outcome !== 'begun' || last.value.bootId !== bootId()) return null;
  return isBusyElsewhere(stack) ? null : { verb: last.value.verb, at: last.value.at };
}
