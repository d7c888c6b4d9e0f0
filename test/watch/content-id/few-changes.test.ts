import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fewChanges } from '../../../src/watch/content-id/few-changes.ts';
import { writtenFiles } from '../../rig/written-files.ts';

/** What git itself says of each path. */
const gitHash = (root: string, path: string): string =>
  execFileSync('git', ['hash-object', '--no-filters', path], { cwd: root, encoding: 'utf8' }).trim();

it('hashes what changed as git would, and leaves the rest as it was', () => {
  using tree = writtenFiles({ 'a.ts': 'one\r\n', 'new.ts': '', 'sub/ü.ts': 'ü\n' });
  symlinkSync('a.ts', tree.path('link'));
  const entries = new Map(['a.ts', 'b.ts', 'gone.ts'].map((path) => [path, 'old']));
  const name = Buffer.from('sub/ü.ts').toString('latin1');
  const now = fewChanges(tree.root, entries, ['a.ts', 'new.ts', name, 'link'], ['gone.ts']);
  expect(now).toEqual(
    new Map([
      ['a.ts', gitHash(tree.root, 'a.ts')],
      ['b.ts', 'old'],
      ['new.ts', gitHash(tree.root, 'new.ts')],
      ['sub/ü.ts', gitHash(tree.root, 'sub/ü.ts')],
      ['link', expect.stringMatching(/^link:[0-9a-f]{40}$/)],
    ]),
  );
});

it('takes a file that vanished meanwhile for gone', () => {
  using tree = writtenFiles();
  expect(fewChanges(tree.root, new Map([['a.ts', 'old']]), ['a.ts'], [])).toEqual(new Map());
});

it('leaves many files, and large ones, to git', () => {
  using tree = writtenFiles({ 'large.bin': 'x'.repeat(2 * 1024 * 1024) });
  const many = Array.from({ length: 40 }, (_, i) => `${i}.ts`);
  expect(fewChanges(tree.root, new Map(), many, [])).toBe(null);
  expect(fewChanges(tree.root, new Map(), [], many)).toBe(null);
  expect(fewChanges(tree.root, new Map(), ['large.bin'], [])).toBe(null);
});
