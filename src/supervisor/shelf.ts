/** Where what was validated is kept for the start that follows: a save that breaks the files meanwhile must not matter. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { discard } from '../io/discard.ts';
import { makeStateDirectory } from '../io/state-home.ts';
import { unwritable } from '../io/unwritable.ts';

/** A restart may hold two sets at once: what it validated before the stop, and what was saved during it. */
const kept = 4;

/** A new directory, 0700. `put` fills it; the oldest ones go. `state-unwritable` also for what goes wrong in `put`. */
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
