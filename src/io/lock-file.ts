/** The door to a file that is only there to be locked. It is never removed, or two processes could hold two files of one name. */
import { constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { makeStateDirectory } from './state-home.ts';
import { unwritable } from './unwritable.ts';

/** Its descriptor, for reading and writing; the directory (0700) and the file (0600) are made. `state-unwritable`. */
export function openLockFile(path: string): Result<number> {
  try {
    makeStateDirectory(dirname(path));
    // Not to append: the name of a holder is written over the one before.
    return ok(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  } catch (error) {
    return unwritable(path, error);
  }
}
