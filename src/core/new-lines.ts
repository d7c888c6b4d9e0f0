/** Decides which lines of a log are new: the supervisor keeps a ring buffer and does not number the lines (pure). */

/**
 * The part of `now` that follows the longest overlap with the end of `before`. Without an overlap everything is new: the ring
 * went round, or the log was truncated.
 */
export function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  if (before.length === 0) return now;
  // The usual case first: nothing fell out of the ring.
  if (startsWith(now, before)) return now.slice(before.length);
  for (let dropped = 1; dropped < before.length; dropped += 1) {
    if (startsWith(now, before.slice(dropped))) return now.slice(before.length - dropped);
  }
  return now;
}

const startsWith = (whole: readonly string[], part: readonly string[]): boolean =>
  part.length <= whole.length && part.every((line, at) => whole[at] === line);
