import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRegularText, whyUnreadable } from '../../src/io/read-regular.ts';

const why = (path: string): string => {
  try {
    return readRegularText(path);
  } catch (error) {
    return whyUnreadable(error);
  }
};

it('reads a file, and says of everything else what it is, a fifo that nobody writes to included', () => {
  const directory = mkdtempSync('/tmp/uk-');
  const at = (name: string): string => join(directory, name);
  try {
    writeFileSync(at('file'), 'text\n');
    mkdirSync(at('directory'));
    execFileSync('mkfifo', [at('fifo')]);
    expect(why(at('file'))).toBe('text\n');
    expect(why(at('directory'))).toBe('is a directory');
    expect(why(at('fifo'))).toBe('is not a regular file');
    expect(why(at('nothing'))).toBe('does not exist');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
