/** What a verb that was cut off left behind: is the stack that runs now half of something, or whole? */
import { startedAt } from '../../processes/since.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { IntentRecord } from './state-records.ts';

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
