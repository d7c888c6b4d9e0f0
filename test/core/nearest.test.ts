import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../src/core/nearest.ts';

describe('the nearest known word', () => {
  it.each([
    ['prots', 'ports'],
    ['redy', 'ready'],
    ['Watch', 'watch'],
    ['readines_probe', 'readiness_probe'],
    ['xyz', null],
    ['zz', null],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, ['ports', 'ready', 'watch', 'stop', 'readiness_probe'])).toBe(expected);
  });

  it('is the word itself where it is known', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (known) => {
        expect(nearest(known[0] ?? '', known)).toBe(known[0]);
      }),
    );
  });

  it('gives all words where none is near', () => {
    expect(suggestion('zzz', ['ports', 'role'])).toBe('known: ports, role');
    expect(suggestion('zzz', [])).toBe('there are none');
  });
});
