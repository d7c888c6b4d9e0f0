import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRegularText, whyUnfit, whyUnreadable } from '../../src/io/read-regular.ts';

const why = (path: string): string => {
  try {
    return readRegularText(path);
  } catch (error) {
    return whyUnreadable(error, path);
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
    symlinkSync('nowhere', at('link'));
    expect(why(at('link'))).toBe('is a symbolic link to nowhere, which does not exist');
    symlinkSync('loop', at('loop'));
    expect(why(at('loop'))).toBe('is a symbolic link that leads back to itself');
    const all = ['file', 'nothing', 'directory', 'fifo', 'link', 'loop'].map((name) => whyUnfit(at(name)));
    expect(all.map((words) => words !== null)).toEqual([false, false, true, true, true, true]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
