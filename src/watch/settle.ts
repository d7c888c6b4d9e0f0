/** A trailing-edge debounce that counts the quiet time from the newest change, not from the arrival of its event. */
import pDebounce from 'p-debounce';

export interface Settle extends Disposable {
  /**
   * Something changed at `newestMtimeMs` (epoch; the future counts as now). A late event does not lengthen the wait; a change
   * older than the newest known one has no effect.
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

  // Only its `signal` ends a p-debounce, for good, and its timer keeps the process alive: so one controller per debounce.
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
        if (!abort.signal.aborted) throw error; // thrown by `fire`: a bug
      });
    },
    [Symbol.dispose]() {
      disposed = true;
      drop();
    },
  };
}
