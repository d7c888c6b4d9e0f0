import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dotfileFor, profilesIn, withProfiles } from '../../../src/supervisor/devenv-evaluation/profiles.ts';
import { writtenFiles } from '../../rig/written-files.ts';

describe('the profiles of an environment', () => {
  it.each([
    ['up -d', []],
    ['--profile backend up -d', ['backend']],
    ['-P a --profile=b processes up', ['a', 'b']],
    ['shell -- tool --profile fast', []],
    ['devenv --profile backend', ['backend']],
    ['', []],
  ])('of `%s` are %j', (line, profiles) => {
    expect(profilesIn({ DEVENV_ROOT: '/p', DEVENV_CMDLINE: line }, '/p')).toEqual(profiles);
  });

  it('of another root are none of ours', () => {
    const env = { DEVENV_ROOT: '/other', DEVENV_CMDLINE: '--profile backend shell' };
    expect(profilesIn(env, '/p')).toEqual([]);
    expect(withProfiles(env, '/p', [])).toEqual({ DEVENV_ROOT: '/other' });
  });

  it('are cut out of the command line, and upkeep.yaml decides where it names some', () => {
    const env = { A: '1', DEVENV_ROOT: '/p', DEVENV_CMDLINE: '--profile backend --verbose up -d' };
    const of = (configured: readonly string[]) => profilesIn(withProfiles(env, '/p', configured), '/p');
    expect(withProfiles(env, '/p', [])).toMatchObject({ A: '1', DEVENV_CMDLINE: 'devenv --profile backend' });
    expect(of([])).toEqual(['backend']);
    expect(of(['x', 'y'])).toEqual(['x', 'y']);
  });

  it('have a directory of their own where 2.x made one, named after all of them', () => {
    using files = writtenFiles({});
    const own = files.path('.devenv/profiles/a-b');
    expect(dotfileFor(files.root, ['b', 'a'])).toBe(files.path('.devenv'));
    mkdirSync(own, { recursive: true });
    expect(dotfileFor(files.root, ['b', 'a'])).toBe(own);
    expect(dotfileFor(files.root, [])).toBe(files.path('.devenv'));
  });
});
