/** The trailing edge: one call when it has been quiet for long enough, counted from the newest change and not from its event. */
import pDebounce from 'p-debounce';

export interface Settle extends Disposable {
  /**
   * Something changed at `newestMtimeMs` (epoch; the future counts as now). An event that was delivered late does not lengthen
   * the wait; one that is older than what is already waited for changes nothing.
   */
  hint(newestMtimeMs: number): void;
}

/** Waits are rounded up to this, so that the events of a burst share one debounce. */
const grainMs = 25;

interface Debounce {
  readonly waitMs: number;
  readonly call: () => Promise<void>;
  readonly abort: AbortController;
}

/** `fire` runs `quietMs` after the newest change. After disposal nothing runs and no timer is left. */
export function settle(quietMs: number, fire: () => void): Settle {
  let newest = -Infinity;
  let current: Debounce | null = null;
  let disposed = false;

  // p-debounce ends by its `signal` alone, for good, and its timer keeps the process alive: so one controller a debounce.
  const drop = (): void => {
    current?.abort.abort();
    current = null;
  };
  const start = (waitMs: number): Debounce => {
    const abort = new AbortController();
    const quiet = (): void => {
      newest = -Infinity;
      fire();
    };
    return { waitMs, abort, call: pDebounce(quiet, waitMs, { signal: abort.signal }) };
  };

  return {
    hint(newestMtimeMs) {
      const now = Date.now();
      const changed = Math.min(newestMtimeMs, now);
      if (disposed || changed < newest) return;
      newest = changed;
      const waitMs = Math.max(0, Math.ceil((changed + quietMs - now) / grainMs) * grainMs);
      if (current && current.waitMs !== waitMs) drop();
      current ??= start(waitMs);
      const { abort, call } = current;
      call().catch((error: unknown) => {
        if (!abort.signal.aborted) throw error; // of `fire`: a bug, for the one boundary that catches those
      });
    },
    [Symbol.dispose]() {
      disposed = true;
      drop();
    },
  };
}
