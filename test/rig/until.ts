/** Waits for a fact, never for a time. */
import { setTimeout as sleep } from 'node:timers/promises';

type Nothing = null | undefined | false;

/** Polls until `look` gives something; fails after `boundMs` (a guard against hanging, no claim), naming what was awaited and what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => T | Nothing | Promise<T | Nothing>,
  options: { boundMs?: number; seen?: () => string } = {},
): Promise<T> {
  const boundMs = options.boundMs ?? 30_000;
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) {
      throw new Error(`waited ${boundMs} ms for: ${what}${options.seen ? `\nseen:\n${options.seen()}` : ''}`);
    }
    await sleep(10);
  }
}
