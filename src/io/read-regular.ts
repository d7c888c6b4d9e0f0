/** The door to files that people name: reading a fifo in such a place (some keep `.env` in one) would block for ever. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { errorCode } from './unwritable.ts';

/** Throws as readFileSync does; the code is `ENOTFILE` for what is neither file nor directory. Never blocks. */
export function readRegular(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(fd).isFile()) return readFileSync(fd);
    if (fstatSync(fd).isDirectory()) return readFileSync(path); // EISDIR, in the words of Node
    throw Object.assign(new Error(`${path} is not a regular file`), { code: 'ENOTFILE' });
  } finally {
    closeSync(fd);
  }
}

/** Why that failed, in words: `is a directory`. */
export function whyUnreadable(error: unknown): string {
  const code = errorCode(error);
  return words.get(code) ?? `cannot be read (${code})`;
}

const words: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EISDIR', 'is a directory'],
  ['ENOTFILE', 'is not a regular file'],
  ['EACCES', 'cannot be read: permission denied'],
]);

export const readRegularText = (path: string): string => readRegular(path).toString('utf8');
