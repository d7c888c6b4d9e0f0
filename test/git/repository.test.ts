import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRepository } from '../../src/git/repository.ts';

let place = '';
const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
    cwd,
    env,
    encoding: 'utf8',
  }).trim();

beforeEach(() => {
  place = realpathSync(mkdtempSync('/tmp/uk-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it('finds the repository above a directory', () => {
  git(place, 'init', '-q');
  mkdirSync(join(place, 'a/b'), { recursive: true });
  expect(findRepository(join(place, 'a/b'))).toEqual({ gitDir: join(place, '.git'), workTree: place });
});

it("finds a linked work tree's own directory, as git does", () => {
  const main = join(place, 'main');
  mkdirSync(main);
  git(main, 'init', '-q');
  git(main, 'commit', '-q', '--allow-empty', '-m', 'x');
  git(main, 'worktree', 'add', '-q', '../linked');
  const linked = join(place, 'linked');
  expect(findRepository(linked)).toEqual({
    gitDir: git(linked, 'rev-parse', '--absolute-git-dir'),
    workTree: linked,
  });
});

it('says null without a repository, and for an empty directory called .git', () => {
  expect(findRepository(place)).toBeNull();
  mkdirSync(join(place, '.git'));
  expect(findRepository(place)).toBeNull();
});
