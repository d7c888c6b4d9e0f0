/** Should the stack be up? What the last verb intended, unless that was before the machine started anew. */
import { bootId } from '../../processes/boot.ts';
import type { Stack } from './open-stack.ts';
import { readIntent } from './state-records.ts';

/** Nothing recorded: what runs is wanted, what does not run is not known to be. */
export function desiredNow(stack: Stack, isUp: boolean): 'up' | 'down' | 'unknown' {
  const intent = readIntent(stack.project);
  if (!intent.ok || intent.value === null) return isUp ? 'up' : 'unknown';
  if (intent.value.bootId !== bootId()) return isUp ? 'up' : 'unknown';
  return isUp && intent.value.outcome !== 'begun' ? 'up' : intent.value.desired;
}
