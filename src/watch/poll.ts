/** The last resort where there are no events: a look at regular intervals. */

/** Calls `tick` every `pollMs`, never at once. */
export function poll(pollMs: number, tick: () => void): Disposable {
  const timer = setInterval(tick, pollMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
