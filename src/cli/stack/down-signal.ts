/** Tells a TUI that it has nothing to wait for: the stack went away and nobody wants it up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchEndpoint } from '../../io/connection.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from './busy.ts';
import { desiredNow } from './desired.ts';
import type { Stack } from './open-stack.ts';

const lookEveryMs = 200;

/**
 * Aborted once the stack is down and wanted down; a restart is waited for, as `attach` itself does. An idle connection
 * tells the end of each server, so nothing is polled while one runs.
 */
export function downSignal(stack: Stack, first: Instance): { readonly signal: AbortSignal } & Disposable {
  const down = new AbortController();
  const over = new AbortController();
  const pause = (): Promise<void> =>
    sleep(lookEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
  const follow = async (): Promise<void> => {
    for (let instance: Instance | null = first; !over.signal.aborted;) {
      if (instance) await ended(instance, over.signal);
      const found = await stack.supervisor.find();
      instance = found.is === 'running' ? found.instance : null;
      if (instance) continue;
      if (!isBusyElsewhere(stack) && desiredNow(stack, false) !== 'up') return down.abort();
      await pause();
    }
  };
  void follow();
  return { signal: down.signal, [Symbol.dispose]: () => over.abort() };
}

async function ended(instance: Instance, over: AbortSignal): Promise<void> {
  using connection = watchEndpoint(instance.endpoint);
  const either = AbortSignal.any([connection.ended, over]);
  if (either.aborted) return;
  await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
}
