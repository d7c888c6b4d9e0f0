/** One save, without git: the hashes of a few small files are made here, and the index stays as it is. */
import { resolve } from 'node:path';
import { fsPath, textOfLatin1 } from '../path-text.ts';
import { peek } from '../peek.ts';
import { hashInProcess } from './classify.ts';

const limit = { files: 32, bytes: 1024 * 1024 } as const;

/**
 * `entries` (those of the index) with `changed` and less `gone`, latin1 paths; null when that is too much to do at each look.
 * From save to stop two more calls of git would take most of the time. As the index still tells the old state, git goes on
 * naming these files, and they are read anew at each look: nothing can hide in the second of the last one.
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
