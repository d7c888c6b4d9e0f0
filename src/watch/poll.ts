/** The last resort: a look every so often, where no event can be had. */

/** Calls `tick` every `pollMs`, never at once. */
export function poll(pollMs: number, tick: () => void): Disposable {
  const timer = setInterval(tick, pollMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
