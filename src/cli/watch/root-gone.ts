/** Notices that the project's directory was renamed or removed: there is nothing left to watch, and nobody to tell. */
import { existsSync } from 'node:fs';

const lookEveryMs = 1_000;
/** A work tree that is moved and moved back, a mount that is made anew, are no end. */
const looksUntilGone = 5;

/** `gone` once `root` is missing in looks of 5 s; disposed: never. */
export function watchRoot(root: string): Disposable & { readonly gone: AbortSignal } {
  const gone = new AbortController();
  let missed = 0;
  const timer = setInterval(() => {
    missed = existsSync(root) ? 0 : missed + 1;
    if (missed >= looksUntilGone) gone.abort();
  }, lookEveryMs);
  return { gone: gone.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
