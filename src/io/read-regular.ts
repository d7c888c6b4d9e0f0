/** The door to files that people name: reading a fifo in such a place (some keep `.env` in one) would block for ever. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { errorCode } from './unwritable.ts';

/** Throws as readFileSync does; the code is `ENOTFILE` for what is neither file nor directory. Never blocks. */
export function readRegular(path: string): Buffer {
  const fd = openRegular(path);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = fstatSync(fd);
  if (found.isFile()) return fd;
  closeSync(fd);
  if (found.isDirectory()) readFileSync(path); // EISDIR, in the words of Node
  throw Object.assign(new Error(`${path} is not a regular file`), { code: 'ENOTFILE' });
}

/** Why it would fail, in words; null: it would not, or there is nothing of that name. Reads nothing of it. */
export function whyUnfit(path: string): string | null {
  try {
    closeSync(openRegular(path));
    return null;
  } catch (error) {
    return isAbsent(error, path) ? null : whyUnreadable(error, path);
  }
}

/** There is nothing of that name, not even a symbolic link to nothing. */
export function isAbsent(error: unknown, path: string): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTDIR' || (code === 'ENOENT' && linkTarget(path) === null);
}

/** Why that failed, in words: `is a directory`. */
export function whyUnreadable(error: unknown, path: string): string {
  const code = errorCode(error);
  const target = code === 'ENOENT' ? linkTarget(path) : null;
  if (target !== null) return `is a symbolic link to ${target}, which does not exist`;
  return words.get(code) ?? `cannot be read (${code})`;
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

const words: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EISDIR', 'is a directory'],
  ['ENOTFILE', 'is not a regular file'],
  ['EACCES', 'cannot be read: permission denied'],
  ['ELOOP', 'is a symbolic link that leads back to itself'],
]);

export const readRegularText = (path: string): string => readRegular(path).toString('utf8');
