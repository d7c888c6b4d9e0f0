/** Keeps the record of the running stack up to date between verbs: processes that are forked later may also outlive a crash. */
import { newestPid } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import { isBusyElsewhere } from '../stack/busy.ts';
import type { Stack } from '../stack/open-stack.ts';
import { remember } from '../stack/remember.ts';

const everyMs = 5_000;
/** Looks at every process may take a five-hundredth of a CPU: at 300 processes 15 ms, so every 7.5 s. */
const costFactor = 500;

/**
 * To be called at each look at the services of `instance`, with their pids. Looks at once when the instance or a pid is new,
 * otherwise rarely, and not at all if no process was forked since. Writes only changes.
 */
export function keepLedger(
  stack: () => Stack,
): (instance: Instance, pids: readonly (number | null)[]) => void {
  let lastSeen = '';
  let newest: string | null = null;
  let dueAtMs = 0;
  return (instance, pids) => {
    const now = performance.now();
    const current = JSON.stringify([instance.server, pids]);
    // Whoever holds the lock writes the record, or removes it.
    if ((current === lastSeen && now < dueAtMs) || isBusyElsewhere(stack())) return;
    const youngest = newestPid();
    if (current === lastSeen && youngest !== null && youngest === newest) return;
    const before = process.cpuUsage();
    remember(stack(), instance, stack().members(instance.server));
    lastSeen = current;
    newest = youngest;
    // CPU time, not elapsed time: on a busy machine a look takes long, but costs no more.
    const { user, system } = process.cpuUsage(before);
    dueAtMs = now + Math.max(everyMs, (costFactor * (user + system)) / 1_000);
  };
}
