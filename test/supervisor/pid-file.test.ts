import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { expect, it } from 'vitest';
import { removePidFile, removeWhile } from '../../src/supervisor/pid-file.ts';
import { writtenFiles } from '../rig/written-files.ts';

const dead = 4_194_304;
const long = new Date('2001-01-01');

it.each([
  ['the process lives, and was not stopped', process.pid, [4711], null, true],
  ['the process lives, and was there when the file was written', process.pid, [process.pid], null, true],
  ['another process has the pid by now, of one that was stopped', process.pid, [process.pid], long, false],
  ['another process has the pid by now, and it was none of ours', process.pid, [4711], long, true],
  ['it names one that was stopped', dead, [dead], null, false],
  ['it names nobody, and something was stopped', dead, [4711], null, false],
  ['it names nobody, and nothing was stopped', dead, [], null, true],
  ['it is empty', '', [4711], null, true],
  ['it holds nonsense', '0x10', [16], null, true],
  ['it names the init of all', 0, [4711], null, true],
] as const)('a pid file: %s', (_, named, stopped, written, stays) => {
  using files = writtenFiles({ pid: `${named}` });
  if (written) utimesSync(files.path('pid'), written, written);
  removePidFile(files.path('pid'), stopped);
  removePidFile(files.path('pid'), stopped);
  expect(readdirSync(files.root)).toEqual(stays ? ['pid'] : []);
});

it('what was written into it since it was judged stays, and so does its name', () => {
  using files = writtenFiles({ pid: '12' });
  removeWhile(files.path('pid'), '11');
  expect(readFileSync(files.path('pid'), 'utf8')).toBe('12');
  expect(readdirSync(files.root)).toEqual(['pid']);
  removeWhile(files.path('pid'), '12');
  removeWhile(files.path('pid'), '12');
  expect(readdirSync(files.root)).toEqual([]);
});

it('a fifo in its place is not waited for', () => {
  using files = writtenFiles();
  execFileSync('mkfifo', [files.path('pid')]);
  removePidFile(files.path('pid'), [4711]);
  expect(existsSync(files.path('pid'))).toBe(true);
});
