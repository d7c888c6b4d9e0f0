/** The trailing edge on a clock that is moved by hand. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Settle } from '../../src/watch/settle.ts';
import { settle } from '../../src/watch/settle.ts';

let fired: number[];
let quiet: Settle;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  fired = [];
  quiet = settle(300, () => fired.push(Date.now() - 1_000_000));
});
afterEach(() => {
  quiet[Symbol.dispose]();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

it('fires once, when it was quiet long enough after the last of many', async () => {
  for (let i = 0; i < 5; i += 1) {
    quiet.hint(Date.now());
    await pass(100);
  }
  expect(fired).toEqual([]);
  await pass(1_000);
  expect(fired).toEqual([700]);
});

it('counts from the change and not from its event', async () => {
  quiet.hint(Date.now() - 200);
  await pass(100);
  expect(fired).toEqual([100]);
});

it('fires at once for a change that was quiet for long', async () => {
  quiet.hint(0);
  await pass(0);
  expect(fired).toEqual([0]);
});

it('takes a time in the future for now', async () => {
  quiet.hint(Date.now() + 3_600_000);
  await pass(300);
  expect(fired).toEqual([300]);
});

it('is not lengthened by the late event of an older change', async () => {
  quiet.hint(Date.now());
  await pass(250);
  quiet.hint(Date.now() - 500);
  await pass(50);
  expect(fired).toEqual([300]);
});

it('starts over after it fired', async () => {
  quiet.hint(Date.now());
  await pass(300);
  quiet.hint(Date.now());
  await pass(300);
  expect(fired).toEqual([300, 600]);
});

it('leaves nothing behind when it is disposed', async () => {
  quiet.hint(Date.now());
  quiet[Symbol.dispose]();
  quiet.hint(Date.now());
  expect(vi.getTimerCount()).toBe(0);
  await pass(1_000);
  expect(fired).toEqual([]);
});
