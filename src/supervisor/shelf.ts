/** Keeps what was validated for the start that follows, in case a save breaks the files meanwhile. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { discard } from '../io/discard.ts';
import { makeStateDirectory } from '../io/state-home.ts';
import { unwritable } from '../io/unwritable.ts';

/** A restart may need two sets: what it validated before the stop, and what was saved during it. */
const kept = 4;

/** Makes a new directory (0700) for `put` to fill, and removes the oldest ones. `state-unwritable` also if `put` throws. */
export function onShelf<T>(stateDir: string, put: (directory: string) => T): Result<T> {
  const shelf = join(stateDir, 'validated');
  const target = join(shelf, `${Date.now()}-${process.pid}`);
  try {
    makeStateDirectory(target);
    for (const name of readdirSync(shelf).toSorted().slice(0, -kept))
      rmSync(join(shelf, name), { recursive: true, force: true });
    return ok(put(target));
  } catch (error) {
    discard(target);
    return unwritable(target, error);
  }
}
