/** The door to a directory for a moment: TMPDIR may name one that is missing, full or somebody else's. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new one, 0700, for the caller to remove: in TMPDIR, else in /tmp; null: neither can be written. */
export const temporaryDirectory = (): string | null => madeIn(tmpdir()) ?? madeIn('/tmp');

function madeIn(directory: string): string | null {
  try {
    return mkdtempSync(join(directory, 'upkeep-'));
  } catch {
    return null; // no such directory, no right, no room
  }
}
