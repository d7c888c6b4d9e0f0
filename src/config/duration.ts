/** Parses durations as people write them: `300ms`, `8s`, `10m`, `1h`. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Anything longer is a typo, and setTimeout takes no more than 24 days. */
const limitMs = 24 * 86_400_000;

/** Whole milliseconds; null when the text is not a duration. A number without a unit is not: it could mean anything. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return null;
  const ms = Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]);
  return ms <= limitMs ? ms : null;
}
