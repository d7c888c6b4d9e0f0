/** Handles a save of a few small files without git: hashes them here, and leaves the index as it is. */
import { resolve } from 'node:path';
import { fsPath, textOfLatin1 } from '../path-text.ts';
import { peek } from '../peek.ts';
import { hashInProcess } from './classify.ts';

const limit = { files: 32, bytes: 1024 * 1024 } as const;

/**
 * `entries` of the index, updated with `changed` and without `gone` (latin1 paths); null when there are too many. Two more calls
 * of git would take most of the time from save to stop. Since the index still has the old state, git keeps naming these files,
 * and they are read again at each look.
 */
export function fewChanges(
  root: string,
  entries: ReadonlyMap<string, string>,
  changed: readonly string[],
  gone: readonly string[],
): ReadonlyMap<string, string> | null {
  if (changed.length + gone.length > limit.files) return null;
  const paths = changed.map((latin1) => {
    const text = textOfLatin1(latin1);
    return { text, path: fsPath(resolve(root, text)) };
  });
  const bytes = paths.reduce((sum, { path }) => sum + (peek(path)?.size ?? 0), 0);
  if (bytes > limit.bytes) return null;
  const next = new Map(entries);
  for (const latin1 of gone) next.delete(textOfLatin1(latin1));
  for (const { text, path } of paths) {
    const hash = hashInProcess(path);
    if (hash === null) next.delete(text);
    else next.set(text, hash);
  }
  return next;
}
