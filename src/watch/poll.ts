/** The last resort where there are no events: a look at regular intervals. */

/**
 * Calls `tick` every `pollMs`, never at once. A look that takes long puts off the next one: each holds up the wait for readiness,
 * which would never end where looks follow one another without a pause.
 */
export function poll(pollMs: number, tick: () => void, lookMs: () => number = () => 0): Disposable {
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(turn, pollMs + 2 * lookMs());
  };
  const turn = (): void => {
    next();
    tick();
  };
  next();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
