import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeStateDirectory, stateHome } from '../../src/io/state-home.ts';
import { writtenFiles } from '../rig/written-files.ts';

const key = '0123456789abcdef';

test('a state directory is made in a git directory that is there, for its owner alone', () => {
  using tree = writtenFiles();
  const gitDir = tree.path('.git');
  mkdirSync(gitDir);
  const path = join(gitDir, 'upkeep', key, 'instances');
  makeStateDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a git directory that was moved or removed is never brought back', () => {
  using tree = writtenFiles();
  const gitDir = tree.path('main/.git/worktrees/gone');
  expect(() => makeStateDirectory(join(gitDir, 'upkeep', key, 'index'))).toThrow(/ENOENT/);
  expect(existsSync(tree.path('main'))).toBe(false);
});

test('without git the place for state is made, on a machine where nothing has any yet', () => {
  using tree = writtenFiles();
  const before = process.env['XDG_STATE_HOME'];
  process.env['XDG_STATE_HOME'] = tree.path('home/state');
  try {
    makeStateDirectory(join(stateHome(), key));
    expect(existsSync(tree.path(`home/state/upkeep/${key}`))).toBe(true);
  } finally {
    if (before === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before;
  }
});
