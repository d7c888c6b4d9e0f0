import { expect, it } from 'vitest';
import { isAtLeast, judgeInotify } from '../../src/core/doctor.ts';

it('compares versions by their numbers', () => {
  expect(isAtLeast('24.0.0', '22.22')).toBe(true);
  expect(isAtLeast('22.22.0', '22.22')).toBe(true);
  expect(isAtLeast('v22.9.0', '22.22')).toBe(false);
  expect(isAtLeast('20.20.2', '22.22')).toBe(false);
});

it('counts what is taken and what is needed against the limits, and names the limit to raise', () => {
  const limits = { watches: 8_192, instances: 128 };
  expect(judgeInotify({ used: { watches: 10, instances: 2 }, limits, directories: 500 })).toMatchObject({
    is: 'ok',
    next: null,
  });
  expect(judgeInotify({ used: { watches: 7_000, instances: 2 }, limits, directories: 500 })).toMatchObject({
    is: 'problem',
    next: expect.stringContaining('fs.inotify.max_user_watches=524288'),
  });
  expect(judgeInotify({ used: { watches: 10, instances: 120 }, limits, directories: 5 })).toMatchObject({
    is: 'problem',
    next: expect.stringContaining('fs.inotify.max_user_instances='),
  });
});
