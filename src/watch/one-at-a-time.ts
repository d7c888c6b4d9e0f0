/** Two changes of what is watched must not overtake each other. */

/** Runs each act when the one before has ended, however it ended; resolves with what it gave. */
export function oneAtATime(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next.catch(() => {});
    return next;
  };
}
