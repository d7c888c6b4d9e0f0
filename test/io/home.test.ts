import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { homeDirectory } from '../../src/io/home.ts';

it('a home is absolute, whatever HOME says: nothing of ours is written where the caller happens to be', () => {
  const { homedir } = userInfo();
  expect(homeDirectory({ HOME: '/h' })).toBe('/h');
  for (const env of [{}, { HOME: '' }, { HOME: 'h' }]) expect(homeDirectory(env)).toBe(homedir);
});
