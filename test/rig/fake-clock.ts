/** A clock that the test moves by hand. */
import type { Clock } from '../../src/io/clock.ts';

export interface FakeClock extends Clock {
  /** Move on by `ms`, calling what becomes due at its time, in order; then let promises run. */
  advance(ms: number): Promise<void>;
  /** When the next call is due; null: nobody waits. */
  next(): number | null;
}

export function createFakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  const due: { readonly atMs: number; readonly wake: () => void }[] = [];
  const first = () => due.toSorted((a, b) => a.atMs - b.atMs)[0];
  const drop = (entry: (typeof due)[number]): void => {
    const index = due.indexOf(entry);
    if (index >= 0) due.splice(index, 1);
  };
  return {
    now: () => now,
    next: () => first()?.atMs ?? null,
    wakeAt(atMs, wake) {
      const entry = { atMs, wake };
      due.push(entry);
      return { [Symbol.dispose]: () => drop(entry) };
    },
    async advance(ms) {
      const untilMs = now + ms;
      for (let entry = first(); entry && entry.atMs <= untilMs; entry = first()) {
        now = Math.max(now, entry.atMs);
        drop(entry);
        entry.wake();
        await promisesRun();
      }
      now = untilMs;
      await promisesRun();
    },
  };
}

/** Every promise that can be settled by now has run: a macrotask comes after all of them. */
export const promisesRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
