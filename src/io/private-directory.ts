/** The door to directories that only their owner may enter; the permissions are the security boundary of sockets. */
import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { errorCode, unwritable } from './unwritable.ts';

/** Makes `path` (0700) with its parents. Fails with `state-unwritable`, or as checkPrivateDirectory. Idempotent. */
export function ensurePrivateDirectory(path: string): Result<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') return unwritable(path, error);
  }
  return checkPrivateDirectory(path);
}

/** `socket-directory-unsafe` unless it is a real directory of ours to which nobody else can write. */
export function checkPrivateDirectory(path: string): Result<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const unsafe = (detail: string) => fail({ reason: 'socket-directory-unsafe', path, detail });
  if (!found?.isDirectory()) return unsafe('it is not a directory');
  if (found.uid !== process.getuid?.()) return unsafe(`it belongs to uid ${found.uid}`);
  if ((found.mode & 0o022) !== 0) return unsafe('others can write to it');
  return ok(undefined);
}
