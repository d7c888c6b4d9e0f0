import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDuration } from '../../src/config/duration.ts';

it.each([
  ['300ms', 300],
  ['8s', 8_000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['1.5s', 1_500],
  [' 2s ', 2_000],
  ['0s', 0],
  ['8', null],
  ['', null],
  ['s', null],
  ['-1s', null],
  ['1d', null],
  ['8 s', null],
  ['1m30s', null],
  ['1000h', null],
])('%j is %j', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

it('never answers with a fraction or something else than a number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/)), (text) => {
      const ms = parseDuration(text);
      expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});
