/** Serialises asynchronous work: two changes of what is watched must not overtake each other. */

/** Runs each act when the previous one has ended, however it ended; resolves or rejects as the act does. */
export function oneAtATime(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next.catch(() => {});
    return next;
  };
}
