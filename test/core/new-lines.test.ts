import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newLines } from '../../src/core/new-lines.ts';

it('gives what was appended, with nothing dropped from the ring', () => {
  expect(newLines(['a', 'b'], ['a', 'b', 'c'])).toEqual(['c']);
});

it('gives what was appended when the oldest lines fell out', () => {
  expect(newLines(['a', 'b', 'c'], ['b', 'c', 'd', 'e'])).toEqual(['d', 'e']);
});

it('gives everything when the ring went round or the log was truncated', () => {
  expect(newLines(['a', 'b'], ['x', 'y'])).toEqual(['x', 'y']);
  expect(newLines(['a', 'b'], [])).toEqual([]);
});

it('loses no line and repeats none while lines are distinct', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(30), fc.integer({ min: 1, max: 50 }), (first, more, ring) => {
      const all = Array.from({ length: first + more }, (_, index) => `line ${index}`);
      const before = all.slice(0, first).slice(-ring);
      const now = all.slice(-ring);
      expect(newLines(before, now)).toEqual(all.slice(Math.max(first, all.length - ring)));
    }),
  );
});
