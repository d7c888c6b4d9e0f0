/**
 * Finds entries that git would trust too early. git compares times in whole seconds, and takes an entry for racy by its mtime
 * only: an in-place edit of the same size that restores the mtime (`cp -p`, `touch -r`) in the second in which we hashed leaves
 * no trace. So files whose change time lies in the second of a look are read once more by the next one.
 */
import { resolve } from 'node:path';
import { fsPath, textOfLatin1 } from '../path-text.ts';
import { peek } from '../peek.ts';
import { hashInProcess } from './classify.ts';

/** Those of `young` (latin1) whose content differs from `entries`; git itself sees which are gone. */
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
