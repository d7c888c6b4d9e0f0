/** The door to what is of no use any more: a draft that could not be finished. */
import { rmSync } from 'node:fs';

/**
 * A file, or a directory with all in it. Never throws: rmSync's `force` forgives a missing file only, not a directory that
 * cannot be entered, and whoever discards a draft has a failure to tell already.
 */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // it stays
  }
}
