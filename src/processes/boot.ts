/** The door to the boot id: pids and start times recorded in another boot name other processes. */
import { readFileSync } from 'node:fs';
import { otherSystem } from './other-system.ts';

let known: string | undefined;

/** The kernel's random boot id; constant while the machine is up, so it is read once. Throws where it cannot be read. */
export function bootId(): string {
  known ??= otherSystem?.bootId() ?? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return known;
}
