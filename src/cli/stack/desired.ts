/** Decides whether the stack should be up: what the last verb intended, unless the machine was rebooted since. */
import { bootId } from '../../processes/boot.ts';
import type { Stack } from './open-stack.ts';
import { readIntent } from './state-records.ts';

type Desired = 'up' | 'down' | 'unknown';

/** With nothing recorded, what runs is wanted; of what does not run, nothing is known. */
export function desiredNow(stack: Stack, isUp: boolean): Desired {
  const intent = readIntent(stack.project);
  if (!intent.ok || intent.value === null) return isUp ? 'up' : 'unknown';
  if (intent.value.bootId !== bootId()) return isUp ? 'up' : 'unknown';
  return isUp && intent.value.outcome !== 'begun' ? 'up' : intent.value.desired;
}

/**
 * The same, from a look at what is there. A stack that came up and left nothing behind was stopped by hand, with
 * process-compose's own means; a process that outlived its server means a crash, and the stack is still wanted up.
 */
export function desiredSeen(stack: Stack, look: { isUp: boolean; outlived: boolean }): Desired {
  const desired = desiredNow(stack, look.isUp);
  if (look.isUp || look.outlived || desired !== 'up') return desired;
  const intent = readIntent(stack.project);
  return intent.ok && intent.value?.outcome === 'done' ? 'down' : desired;
}
