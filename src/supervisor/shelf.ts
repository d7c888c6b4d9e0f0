/** Where what was validated is kept for the start that follows: a save that breaks the files meanwhile must not matter. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { discard } from '../io/discard.ts';

/** A restart may hold two sets at once: what it validated before the stop, and what was saved during it. */
const kept = 4;

/** A new directory, 0700. `put` fills it; the oldest ones go. `state-unwritable` also for what goes wrong in `put`. */
export function onShelf<T>(stateDir: string, put: (directory: string) => T): Result<T> {
  const shelf = join(stateDir, 'validated');
  const target = join(shelf, `${Date.now()}-${process.pid}`);
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(shelf).toSorted().slice(0, -kept))
      rmSync(join(shelf, name), { recursive: true, force: true });
    return ok(put(target));
  } catch (error) {
    discard(target);
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail({ reason: 'state-unwritable', path: target, code });
  }
}
