/** The dirty bit with its reasons: which hints came since the last look, and when they will have settled. */

/** Hints only say where to look; the decision is always made on content. */
export interface Dirty {
  /** The first five, as the watchers reported them. */
  readonly paths: readonly string[];
  readonly count: number;
  /** When the first of them came, plus any time that git held us up, so that the cap does not count it. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly newestMtimeMs: number;
  /** The longest pause between two hints: distinguishes endless writing from a person who saves. */
  readonly longestGapMs: number;
}

/** What the watchers report in one go; coalesced, but never delayed by more than a few dozen milliseconds. */
export interface Hint {
  readonly paths: readonly string[];
  readonly count: number;
  /** null where the watcher does not know, as for a removed file. */
  readonly newestMtimeMs: number | null;
}

/** A file may have any old mtime (`cp -p`, `tar x`): the least quiet time after the last hint, whatever the mtime. */
const leastQuietMs = 75;

export const shownPaths = 5;

export function soil(dirty: Dirty | null, hint: Hint, now: number): Dirty {
  const mtime = Math.min(hint.newestMtimeMs ?? now, now);
  return merge(dirty, {
    paths: hint.paths.slice(0, shownPaths),
    count: hint.count,
    firstMs: now,
    lastMs: now,
    newestMtimeMs: mtime,
    longestGapMs: 0,
  });
}

/** A request to look that nothing announced. */
export const unannounced = (now: number): Dirty =>
  soil(null, { paths: [], count: 0, newestMtimeMs: null }, now);

export function merge(earlier: Dirty, later: Dirty | null): Dirty;
export function merge(earlier: Dirty | null, later: Dirty): Dirty;
export function merge(earlier: Dirty | null, later: Dirty | null): Dirty | null;
export function merge(earlier: Dirty | null, later: Dirty | null): Dirty | null {
  if (!earlier || !later) return earlier ?? later;
  return {
    paths: [...new Set([...earlier.paths, ...later.paths])].slice(0, shownPaths),
    count: earlier.count + later.count,
    firstMs: earlier.firstMs,
    lastMs: later.lastMs,
    newestMtimeMs: Math.max(earlier.newestMtimeMs, later.newestMtimeMs),
    longestGapMs: Math.max(earlier.longestGapMs, later.longestGapMs, later.firstMs - earlier.lastMs),
  };
}

export interface QuietRule {
  readonly quietMs: number;
  readonly capMs: number;
}

/** The quiet period counts from the newest mtime, not from the arrival of its event; never beyond the cap. */
export const settledAt = (dirty: Dirty, rule: QuietRule): number =>
  Math.min(
    dirty.firstMs + rule.capMs,
    Math.max(dirty.newestMtimeMs + rule.quietMs, dirty.lastMs + Math.min(leastQuietMs, rule.quietMs)),
  );

/** Endless writes: from here on, nothing waits for quiet. */
export const isCapped = (dirty: Dirty, capMs: number, now: number): boolean => now - dirty.firstMs >= capMs;

/** While git held us up the user was not writing; the quiet period starts over when git is done. */
export const afterHold = (dirty: Dirty, heldMs: number, now: number): Dirty => ({
  ...dirty,
  firstMs: Math.min(now, dirty.firstMs + heldMs),
  newestMtimeMs: now,
});
