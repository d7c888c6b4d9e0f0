/** What differs between two contents. */
import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/core/content.ts';
import { absent, diffContent } from '../../src/core/freshness.ts';

const content = (id: string, config: Record<string, string>, code: Record<string, string>): Content => ({
  id,
  config: new Map(Object.entries(config)),
  code: new Map(Object.entries(code)),
});

describe('diffContent', () => {
  it('names what was added, changed and removed: configuration first, each by path', () => {
    const before = content('1', { 'devenv.nix': 'a', '.env': absent }, { z: '1', gone: '1', same: '1' });
    const after = content('2', { 'devenv.nix': 'b', '.env': 'x' }, { z: '2', new: '1', same: '1' });
    expect(diffContent(before, after)).toEqual([
      { axis: 'config', path: '.env', kind: 'added' },
      { axis: 'config', path: 'devenv.nix', kind: 'changed' },
      { axis: 'code', path: 'gone', kind: 'removed' },
      { axis: 'code', path: 'new', kind: 'added' },
      { axis: 'code', path: 'z', kind: 'changed' },
    ]);
  });

  it('takes an absent input for one that nobody names', () => {
    expect(diffContent(content('1', {}, {}), content('2', { a: absent }, {}))).toEqual([]);
    expect(diffContent(content('1', { a: absent }, {}), content('2', {}, {}))).toEqual([]);
    expect(diffContent(content('1', { a: 'x' }, {}), content('2', { a: absent }, {}))).toEqual([
      { axis: 'config', path: 'a', kind: 'removed' },
    ]);
  });

  it('finds nothing between equal ids', () => {
    expect(diffContent(content('1', { a: 'x' }, {}), content('1', { a: 'x' }, {}))).toEqual([]);
  });
});
