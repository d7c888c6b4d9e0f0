/** The door to room on a disk that is not needed yet: taken before a stop, given back for the records of the start after it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { discard } from './discard.ts';
import { makeStateDirectory } from './state-home.ts';
import { unwritable } from './unwritable.ts';

/** Each a name and a block of its own at least: a disk may be out of either. */
const files = 4;
const bytesEach = 64 * 1024;

/**
 * Files in `directory/room`, which go when it is disposed, and which the next call takes over from one that was killed. Fails
 * with `state-unwritable`. Written, not only named: that is what a disk promises.
 */
export function takeRoom(directory: string): Result<Disposable> {
  const path = join(directory, 'room');
  const giveBack = (): void => discard(path);
  try {
    makeStateDirectory(path);
    for (let at = 0; at < files; at += 1) writeFileSync(join(path, String(at)), Buffer.alloc(bytesEach));
    return ok({ [Symbol.dispose]: giveBack });
  } catch (error) {
    giveBack();
    return unwritable(directory, error);
  }
}
