import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { flock } from '../../src/io/flock.ts';
import type { WrittenFiles } from '../rig/written-files.ts';
import { writtenFiles } from '../rig/written-files.ts';

let tree: WrittenFiles;
let first: number;
let second: number;

beforeEach(() => {
  tree = writtenFiles({ lock: '' });
  first = openSync(tree.path('lock'), 'r+');
  second = openSync(tree.path('lock'), 'r+');
});
afterEach(() => {
  for (const fd of [first, second]) {
    try {
      closeSync(fd);
    } catch {
      // the test did
    }
  }
  tree[Symbol.dispose]();
});

it('gives the lock to the first who asks', async () => {
  expect(await flock(first)).toEqual({ ok: true, value: true });
  expect(await flock(second)).toEqual({ ok: true, value: false });
});

it('is free again when the descriptor is closed', async () => {
  await flock(first);
  closeSync(first);
  expect(await flock(second)).toEqual({ ok: true, value: true });
});

it('waits for it, and has it as soon as it is free', async () => {
  await flock(first);
  const waiting = flock(second, { waitMs: 20_000 });
  closeSync(first);
  expect(await waiting).toEqual({ ok: true, value: true });
});

it('gives up after its time, and when it is told to', async () => {
  await flock(first);
  expect(await flock(second, { waitMs: 30 })).toEqual({ ok: true, value: false });
  const stop = new AbortController();
  const waiting = flock(second, { waitMs: 20_000, signal: stop.signal });
  stop.abort();
  expect(await waiting).toEqual({ ok: true, value: false });
});
