/**
 * Entries that git would believe too early. git compares times cut to seconds, and holds an entry for racy by its mtime only:
 * an in-place edit of the same size that restores the mtime, in the second in which we hashed, leaves no trace at all
 * (`cp -p`, `touch -r`). So files whose change time lies in the second of the look are read once more by the next one.
 */
import { resolve } from 'node:path';
import { fsPath, textOfLatin1 } from '../path-text.ts';
import { peek } from '../peek.ts';
import { hashInProcess } from './classify.ts';

/** Those of `young` (latin1) that are there with other content than `entries` says; what is gone git sees by itself. */
export function slippedThrough(
  root: string,
  young: readonly string[],
  entries: ReadonlyMap<string, string>,
): string[] {
  return young.filter((latin1) => {
    const text = textOfLatin1(latin1);
    const then = entries.get(text);
    const now = then === undefined ? null : hashInProcess(fsPath(resolve(root, text)));
    return now !== null && now !== then;
  });
}

/** Those of `young` that a further change in the second of `beganMs` could still hide in. */
export function stillYoung(root: string, young: readonly string[], beganMs: number): string[] {
  return young.filter((latin1) => {
    const info = peek(fsPath(resolve(root, textOfLatin1(latin1))));
    return info !== null && Math.floor(info.ctimeMs / 1000) >= Math.floor(beganMs / 1000);
  });
}
