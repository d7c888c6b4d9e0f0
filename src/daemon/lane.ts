/** One lane of work: a job begins when the previous one has really ended, even if its result is no longer wanted. */

export interface Lane {
  /** Jobs run in the order of their calls, one at a time. They must not throw. */
  add(job: () => Promise<void>): void;
  /** Nothing runs or waits. */
  isEmpty(): boolean;
}

/** `emptied` is called whenever the last job has ended. */
export function createLane(emptied: () => void): Lane {
  let last: Promise<void> = Promise.resolve();
  let jobs = 0;
  return {
    add(job) {
      jobs += 1;
      last = last.then(job).then(() => {
        jobs -= 1;
        if (jobs === 0) emptied();
      });
    },
    isEmpty: () => jobs === 0,
  };
}
