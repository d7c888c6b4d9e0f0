/** The flap breaker: decides whether restarts cause each other, without ever taking somebody who saves often for a loop. */
import type { Dirty, QuietRule } from './dirty.ts';

/**
 * Three ways to trip, all within one minute:
 *  - six restarts in a row whose changes all came while the stack was going down or within 2 s of its start, always in
 *    the same paths: the stack itself writes what it is restarted for;
 *  - six in a row forced by the cap, without a pause as long as the quiet period: something writes without end;
 *  - fifteen for any reason.
 * Each suspicious restart doubles the quiet period of the next one, and so does each restart within a minute beyond five. A
 * loop goes on all the same, but a person's next save then falls outside the 2 s and clears the suspicion; somebody who saves
 * twenty times a minute is served more slowly, and never suspended.
 */
export const flapLimits = {
  windowMs: 60_000,
  suspicious: 6,
  anyway: 15,
  unhurried: 5,
  ownDoingMs: 2_000,
} as const;

export interface FlapRecord {
  /** Restarts for changed content within the window, oldest first. */
  readonly recent: readonly FlapEntry[];
  /** The last restart of any cause. */
  readonly last: { readonly stopMs: number; readonly spawnedMs: number | null } | null;
}

interface FlapEntry {
  readonly atMs: number;
  readonly suspect: 'no' | 'own-doing' | 'endless';
  readonly paths: string;
}

export interface Occasion {
  /** null: the look that found the change was not announced by a hint. */
  readonly announced: Dirty | null;
  readonly paths: readonly string[];
  readonly rule: QuietRule;
}

/** The record including this restart, and why the breaker trips; null: it does not. */
export function judge(
  record: FlapRecord,
  occasion: Occasion,
  now: number,
): { readonly record: FlapRecord; readonly trips: string | null } {
  const entry: FlapEntry = {
    atMs: now,
    suspect: suspicion(record, occasion, now),
    paths: occasion.paths.join('\0'),
  };
  const recent = [...within(record, now), entry];
  return { record: { ...record, recent }, trips: verdict(recent, occasion.paths) };
}

/** The quiet period, doubled for each restart that may be part of a loop, or is one of too many. */
export function dampedQuietMs(record: FlapRecord, quietMs: number, now: number): number {
  const recent = within(record, now);
  return quietMs * 2 ** Math.max(suspectsInARow(recent), recent.length - flapLimits.unhurried, 0);
}

/** Somebody asked for it: not a loop. */
export const forgiven = (record: FlapRecord): FlapRecord => ({ recent: [], last: record.last });

function suspicion(record: FlapRecord, { announced, rule }: Occasion, now: number): FlapEntry['suspect'] {
  const written = announced ?? { firstMs: now, lastMs: now, longestGapMs: 0 };
  const endless =
    written.lastMs - written.firstMs >= rule.capMs - rule.quietMs && written.longestGapMs < rule.quietMs;
  if (endless) return 'endless';
  if (!record.last) return 'no';
  const untilMs = record.last.spawnedMs === null ? now : record.last.spawnedMs + flapLimits.ownDoingMs;
  return written.firstMs >= record.last.stopMs && written.lastMs <= untilMs ? 'own-doing' : 'no';
}

function verdict(recent: readonly FlapEntry[], paths: readonly string[]): string | null {
  const where = paths[0] === undefined ? 'the content' : paths[0];
  if (suspectsInARow(recent) >= flapLimits.suspicious) {
    return recent.at(-1)?.suspect === 'endless'
      ? `${where} is written without a pause`
      : `each restart changes ${where}: the stack seems to write what it is restarted for`;
  }
  return recent.length >= flapLimits.anyway
    ? `${recent.length} restarts within a minute, the last for ${where}`
    : null;
}

function suspectsInARow(recent: readonly FlapEntry[]): number {
  let count = 0;
  for (const entry of recent.toReversed()) {
    const alike = entry.suspect === 'endless' || entry.paths === recent.at(-1)?.paths;
    if (entry.suspect === 'no' || !alike) break;
    count += 1;
  }
  return count;
}

const within = (record: FlapRecord, now: number): readonly FlapEntry[] =>
  record.recent.filter((entry) => entry.atMs > now - flapLimits.windowMs);
