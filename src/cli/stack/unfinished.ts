/** Decides whether a verb that was cut off left the running stack half done or whole. */
import type { StatusReport } from '../../core/status.ts';
import { bootId } from '../../processes/boot.ts';
import { startedAt } from '../../processes/since.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from './busy.ts';
import type { Stack } from './open-stack.ts';
import type { IntentRecord } from './state-records.ts';
import { readIntent } from './state-records.ts';

/** The kernel gives the time of the boot in whole seconds. */
const clockMs = 1_000;

/**
 * A `start` that was cut off leaves a whole stack or none. Any other verb may have begun to stop this instance: half of its
 * services are down, or its supervisor is still stopping them. One that somebody else started since then is whole.
 */
export function isHalfDone(unfinished: IntentRecord | null, instance: Instance): boolean {
  if (unfinished === null || unfinished.verb === 'start') return false;
  if (instance.owner === 'upkeep') return true;
  const began = startedAt(instance.server.startTime);
  return began !== null && Date.parse(began) + clockMs < Date.parse(unfinished.at);
}

/** From the records alone; null: the last verb finished, is still at work, or ended with an earlier boot. */
export function cutOffVerb(stack: Stack): StatusReport['unfinished'] {
  const last = readIntent(stack.project);
  if (!last.ok || last.value?.outcome !== 'begun' || last.value.bootId !== bootId()) return null;
  return isBusyElsewhere(stack) ? null : { verb: last.value.verb, at: last.value.at };
}
