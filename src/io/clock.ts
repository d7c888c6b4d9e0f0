/** The door to time, so that tests can set it by hand. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Call `wake` once at `atMs` (at once if that is past), unless disposed before. */
  wakeAt(atMs: number, wake: () => void): Disposable;
}

export const systemClock: Clock = {
  now: Date.now,
  wakeAt(atMs, wake) {
    const timer = setTimeout(wake, Math.max(0, atMs - Date.now()));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
