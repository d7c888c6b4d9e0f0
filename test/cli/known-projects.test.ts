import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { projectKey } from '../../src/cli/find-project.ts';
import { knownProjects, rememberProject, rootOfKey } from '../../src/cli/known-projects.ts';

let top = '';
beforeEach(() => {
  top = realpathSync(mkdtempSync('/tmp/uk-'));
  vi.stubEnv('XDG_STATE_HOME', join(top, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(top, { recursive: true, force: true });
});

function project(name: string) {
  const root = join(top, name);
  mkdirSync(root);
  return { key: projectKey(root), root };
}

it('lists the projects that were started, less those whose directory is gone', () => {
  const [b, a] = [project('b'), project('a')];
  rememberProject(b);
  rememberProject(a);
  rememberProject(a);
  expect(knownProjects()).toEqual([a, b]);
  rmSync(a.root, { recursive: true });
  expect(knownProjects()).toEqual([b]);
  expect(rootOfKey(a.key, null)).toBe(a.root);
});

it('finds the root of a key that is not in the list above a working directory', () => {
  const { key, root } = project('a');
  expect(rootOfKey(key, null)).toBeNull();
  expect(rootOfKey(key, join(root, 'packages/api'))).toBe(root);
  expect(rootOfKey(key, '/usr/lib')).toBeNull();
  expect(rootOfKey('../../x', root)).toBeNull();
});

it('does not believe an entry whose key is not the digest of its root', () => {
  const [a, b] = [project('a'), project('b')];
  rememberProject(a);
  const path = join(top, 'state/upkeep/projects', `${a.key}.json`);
  writeFileSync(path, JSON.stringify({ schema: 1, key: a.key, root: b.root }));
  expect(rootOfKey(a.key, null)).toBeNull();
  writeFileSync(path, '{');
  expect(knownProjects()).toEqual([]);
});

it('is silent when the list cannot be written', () => {
  writeFileSync(join(top, 'file'), '');
  vi.stubEnv('XDG_STATE_HOME', join(top, 'file'));
  rememberProject(project('a'));
  expect(knownProjects()).toEqual([]);
});
