/**
 * Decides whether devenv's evaluation cache would hide an edit: it compares mtimes cut to seconds before it compares contents,
 * so an edit within the second of the mtime that it knows is never seen, and neither is a file that appeared in the second of
 * the evaluation. Some files it never looks at: what lies below a directory, devenv.local.yaml (pure).
 */
import { basename } from 'node:path';
import type { EvaluatedInput, SeenWhile } from './evaluated.ts';

/** `seen`: evaluations of ours, also one that was cut off: it may have filled the cache. `listed`: what the cache knows of. */
export function isHiddenFromCache(
  seen: readonly SeenWhile[],
  now: readonly EvaluatedInput[],
  listed: ReadonlySet<string>,
): boolean {
  return seen.some(({ inputs, beganMs, endedMs }) => {
    const known = new Map(inputs.map((input) => [input.path, input]));
    const [fromS, toS] = [Math.floor(beganMs / 1000), Math.floor(endedMs / 1000)];
    return now.some(({ path, digest, mtimeS }) => {
      const before = known.get(path);
      if (digest === (before?.digest ?? 'absent')) return false;
      if (isUnseen(path, listed) || digest.startsWith('dir:')) return true;
      if (before?.mtimeS == null) return mtimeS !== null && mtimeS >= fromS && mtimeS <= toS;
      return mtimeS === before.mtimeS;
    });
  });
}

/** Not among what the cache knows of. Of these two it knows otherwise, or they do not matter to it. */
const isUnseen = (path: string, listed: ReadonlySet<string>): boolean =>
  !listed.has(path) && !['.env', 'secretspec.toml'].includes(basename(path));

/** An evaluation by somebody else, of which only the end is known: how long before it a file may have been read. */
const readBeforeS = 5;

export const isHiddenByOthers = (
  endedMs: number,
  now: readonly EvaluatedInput[],
  listed: ReadonlySet<string>,
): boolean => {
  const endS = Math.floor(endedMs / 1000);
  return now.some(
    ({ path, mtimeS }) =>
      mtimeS !== null && mtimeS >= endS - readBeforeS && (mtimeS <= endS || isUnseen(path, listed)),
  );
};
