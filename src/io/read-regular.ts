/** The door to a file that a person named: a fifo in its place (some keep `.env` in one) would be waited for for ever. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { errorCode } from './unwritable.ts';

/** Throws as readFileSync does; what is neither file nor directory has the code `ENOTFILE`. Never waits for a writer. */
export function readRegular(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(fd).isFile()) return readFileSync(fd);
    if (fstatSync(fd).isDirectory()) return readFileSync(path); // EISDIR, in the words of Node
    throw Object.assign(new Error(`${path} is no regular file`), { code: 'ENOTFILE' });
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
  ['ENOTFILE', 'is no regular file'],
  ['EACCES', 'cannot be read: permission denied'],
]);

export const readRegularText = (path: string): string => readRegular(path).toString('utf8');
