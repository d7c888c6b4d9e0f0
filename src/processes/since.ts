/** Converts the start time of a process, in ticks since the boot, into a date. */
import { readFileSync } from 'node:fs';
import { otherSystem } from './other-system.ts';

/** Linux shows 100 ticks a second to programs on every machine, whatever the kernel's own clock does. */
const msPerTick = 10;

/** ISO, to the second (the kernel tells the boot in seconds); null where there is no /proc/stat. */
export function startedAt(startTime: string): string | null {
  if (otherSystem) return /^\d+$/.test(startTime) ? new Date(Number(startTime) * 1000).toISOString() : null;
  const boot = bootedAtMs();
  const ticks = Number(startTime);
  if (boot === null || !Number.isFinite(ticks)) return null;
  return new Date(boot + ticks * msPerTick).toISOString();
}

/** Milliseconds since the epoch; changes when the clock is set. */
export function bootedAtMs(): number | null {
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
    return seconds === undefined ? null : Number(seconds) * 1000;
  } catch {
    return null;
  }
}

/** How long a process has been running, in ms, precise to a tick. null where there is no /proc/uptime. */
export function runningForMs(startTime: string): number | null {
  // Whole seconds since the epoch there: up to one more than it is.
  if (otherSystem) return Math.max(0, Date.now() - Number(startTime) * 1000);
  try {
    const upMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]) * 1000;
    const ageMs = upMs - Number(startTime) * msPerTick;
    return Number.isFinite(ageMs) ? Math.max(0, ageMs) : null;
  } catch {
    return null;
  }
}
