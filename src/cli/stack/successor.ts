/** Who answers now that a wait broke off: another verb may have stopped the stack, or started it anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import { isBusyElsewhere } from './busy.ts';
import { desiredNow } from './desired.ts';
import type { Stack } from './open-stack.ts';

const lookEveryMs = 50;

/** `same`: the wait failed by itself. `stopped`: somebody took the stack down. Else the instance that replaced it. */
export async function successorOf(
  stack: Stack,
  instance: Instance,
  signal: AbortSignal,
): Promise<'same' | 'stopped' | Instance> {
  while (isBusyElsewhere(stack) && !signal.aborted) await sleep(lookEveryMs);
  const found = await stack.supervisor.find();
  if (found.is === 'none') return desiredNow(stack, false) === 'down' ? 'stopped' : 'same';
  if (found.is !== 'running') return 'same';
  return isSameServer(found.instance, instance) ? 'same' : found.instance;
}
