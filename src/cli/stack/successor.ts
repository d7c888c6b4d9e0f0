/** Decides what became of a stack when waiting for it failed: another verb may have stopped or restarted it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../../supervisor/port.ts';
import { isSameServer } from '../../supervisor/instance.ts';
import { isBusyElsewhere } from './busy.ts';
import { desiredNow } from './desired.ts';
import type { Stack } from './open-stack.ts';

const lookEveryMs = 50;

/** `same`: it is still that instance, or a crash. `stopped`: somebody stopped it. Else the instance that replaced it. */
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
