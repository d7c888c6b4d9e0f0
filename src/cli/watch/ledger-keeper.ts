/** Keeps the record of the running stack up to date while nobody does anything: what is forked later outlives a crash, too. */
import { newestPid } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from '../stack/busy.ts';
import type { Stack } from '../stack/open-stack.ts';
import { remember } from '../stack/remember.ts';

const everyMs = 5_000;
/** A look at every process may take a five-hundredth of a CPU: 15 ms at 300 processes, so each 7.5 s. */
const costFactor = 500;

/**
 * To be called at each look at the services of `instance`, with their pids. It looks when the instance or a pid is new, and
 * else seldom, and not at all where nobody has forked since; it writes when what it found is new.
 */
export function keepLedger(
  stack: () => Stack,
): (instance: Instance, pids: readonly (number | null)[]) => void {
  let seen = '';
  let newest: string | null = null;
  let dueAtMs = 0;
  return (instance, pids) => {
    const now = performance.now();
    const current = JSON.stringify([instance.server, pids]);
    // Who holds the lock writes it, or removes it.
    if ((current === seen && now < dueAtMs) || isBusyElsewhere(stack())) return;
    const youngest = newestPid();
    if (current === seen && youngest !== null && youngest === newest) return;
    const before = process.cpuUsage();
    remember(stack(), instance, stack().members(instance.server));
    seen = current;
    newest = youngest;
    // Not by the clock: a busy machine makes a look long, and not dear.
    const { user, system } = process.cpuUsage(before);
    dueAtMs = now + Math.max(everyMs, (costFactor * (user + system)) / 1_000);
  };
}
