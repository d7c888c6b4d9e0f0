/** Keeps the record of the running stack up to date while nobody does anything: what is forked later outlives a crash, too. */
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from '../stack/busy.ts';
import type { Stack } from '../stack/open-stack.ts';
import { remember } from '../stack/remember.ts';

const everyMs = 5_000;
/** A look at every process may take a thousandth of the time: 20 ms of a machine with 300 processes each 20 s. */
const costFactor = 1_000;

/**
 * To be called at each look at the services of `instance`, with their pids. It looks when the instance or a pid is new, and
 * else seldom; it writes when what it found is new.
 */
export function keepLedger(
  stack: () => Stack,
): (instance: Instance, pids: readonly (number | null)[]) => void {
  let seen = '';
  let dueAtMs = 0;
  return (instance, pids) => {
    const now = performance.now();
    const current = JSON.stringify([instance.server, pids]);
    // Who holds the lock writes it, or removes it.
    if ((current === seen && now < dueAtMs) || isBusyElsewhere(stack())) return;
    remember(stack(), instance, stack().members(instance.server));
    seen = current;
    dueAtMs = now + Math.max(everyMs, costFactor * (performance.now() - now));
  };
}
