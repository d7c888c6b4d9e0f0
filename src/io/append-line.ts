/** The door to our files of JSON lines: a line that a full disk or a kill cut off ends before the next one begins. */
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';

/** Appends one line; the file is made, 0600. Throws as writeFileSync does; readers leave out a line that is no JSON. */
export function appendLine(path: string, value: object): void {
  const fd = openSync(path, 'a+', 0o600);
  try {
    // Not taken back where it was cut off: another process may have appended behind it.
    writeFileSync(fd, `${isCutOff(fd) ? '\n' : ''}${JSON.stringify(value)}\n`);
  } finally {
    closeSync(fd);
  }
}

const newline = 0x0a;

function isCutOff(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== newline;
}
