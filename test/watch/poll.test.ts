/** When polling looks again, on a clock that is moved by hand. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { poll } from '../../src/watch/poll.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks at its interval, and a look that takes long puts off the next one by twice its time', () => {
  let looks = 0;
  let lookMs = 0;
  using _ = poll(
    200,
    () => (looks += 1),
    () => lookMs,
  );
  vi.advanceTimersByTime(199);
  expect(looks).toBe(0);
  vi.advanceTimersByTime(1 + 200);
  expect(looks).toBe(2);
  lookMs = 500;
  vi.advanceTimersByTime(200);
  expect(looks).toBe(3);
  vi.advanceTimersByTime(1_199);
  expect(looks).toBe(3);
  vi.advanceTimersByTime(1);
  expect(looks).toBe(4);
});
