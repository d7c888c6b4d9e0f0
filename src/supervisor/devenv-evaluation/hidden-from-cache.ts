/**
 * Decides whether devenv's evaluation cache would hide an edit: it compares mtimes cut to seconds before it compares contents,
 * so an edit within the second of the mtime that it knows is never seen, and neither is a file that appeared in the second of
 * the evaluation (pure).
 */
import type { EvaluatedInput, SeenWhile } from './evaluated.ts';

/** `seen`: evaluations of ours, also one that was cut off: it may have filled the cache. */
export function isHiddenFromCache(seen: readonly SeenWhile[], now: readonly EvaluatedInput[]): boolean {
  return seen.some(({ inputs, beganMs, endedMs }) => {
    const known = new Map(inputs.map((input) => [input.path, input]));
    const [fromS, toS] = [Math.floor(beganMs / 1000), Math.floor(endedMs / 1000)];
    return now.some(({ path, digest, mtimeS }) => {
      const before = known.get(path);
      if (digest === (before?.digest ?? 'absent')) return false;
      if (before?.mtimeS == null) return mtimeS !== null && mtimeS >= fromS && mtimeS <= toS;
      return mtimeS === before.mtimeS;
    });
  });
}

/** An evaluation by somebody else, of which only the end is known: how long before it a file may have been read. */
const readBeforeS = 5;

export const isHiddenByOthers = (endedMs: number, now: readonly EvaluatedInput[]): boolean => {
  const endS = Math.floor(endedMs / 1000);
  return now.some(({ mtimeS }) => mtimeS !== null && mtimeS <= endS && mtimeS >= endS - readBeforeS);
};
