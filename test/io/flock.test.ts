import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flock } from '../../src/io/flock.ts';
import type { LockProgram } from '../../src/io/lock-programs.ts';
import { lockPrograms } from '../../src/io/lock-programs.ts';
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

const only = (name: string): LockProgram => {
  const found = lockPrograms.find((program) => program.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe.each(['perl', 'python3'])('with %s in place of flock', (name) => {
  const programs = [only(name)];

  it('takes the same lock as flock does, whoever is first', async () => {
    expect(await flock(first, { programs })).toEqual({ ok: true, value: true });
    expect(await flock(second)).toEqual({ ok: true, value: false });
    expect(await flock(second, { programs, waitMs: 30 })).toEqual({ ok: true, value: false });
    closeSync(first);
    expect(await flock(second)).toEqual({ ok: true, value: true });
    first = openSync(tree.path('lock'), 'r+');
    expect(await flock(first, { programs })).toEqual({ ok: true, value: false });
  });

  it('waits for it, and has it when it is free', async () => {
    await flock(first);
    const waiting = flock(second, { programs, waitMs: 20_000 });
    closeSync(first);
    expect(await waiting).toEqual({ ok: true, value: true });
  });
});

it('twenty who ask at once, each in its own way, are never two at a time', async () => {
  let holders = 0;
  let most = 0;
  const ways = ['flock', 'perl', 'python3'].map((name) => [only(name)]);
  const taker = async (at: number): Promise<void> => {
    const fd = openSync(tree.path('lock'), 'r+');
    const programs = ways[at % ways.length] ?? [];
    expect(await flock(fd, { programs, waitMs: 30_000 })).toEqual({ ok: true, value: true });
    holders += 1;
    most = Math.max(most, holders);
    await new Promise((resolve) => setImmediate(resolve));
    holders -= 1;
    closeSync(fd);
  };
  await Promise.all(Array.from({ length: 20 }, (_, at) => taker(at)));
  expect(most).toBe(1);
}, 40_000);

it('waits with a flock that cannot wait, as busybox has one', async () => {
  const path = join(tree.path('.'), 'flock');
  writeFileSync(
    path,
    '#!/bin/sh\n[ "$1" = -n ] || { echo "usage: flock [-sxun] FD" >&2; exit 1; }\nexec flock "$@"\n',
  );
  chmodSync(path, 0o755);
  const programs = [{ ...only('flock'), name: path }];
  await flock(first);
  expect(await flock(second, { programs, waitMs: 100 })).toEqual({ ok: true, value: false });
  const waiting = flock(second, { programs, waitMs: 20_000 });
  closeSync(first);
  expect(await waiting).toEqual({ ok: true, value: true });
});

it('says so where nothing can lock, and where what should does not', async () => {
  const absent = { ...only('flock'), name: tree.path('no such program') };
  expect(await flock(first, { programs: [absent] })).toMatchObject({
    ok: false,
    failure: {
      reason: 'binary-missing',
      program: 'flock',
      detail: expect.stringContaining('no such program'),
    },
  });
  const broken = { name: 'sh', args: () => ['-c', 'exit 3'] };
  expect(await flock(first, { programs: [absent, broken] })).toMatchObject({
    failure: { detail: expect.stringMatching(/^sh does not lock\./) as string },
  });
});

it('takes a program that Ctrl-C ended for one that did not get the lock, not for a broken one', async () => {
  const struck = { name: 'sh', args: () => ['-c', 'kill -INT $$'] };
  expect(await flock(first, { programs: [struck] })).toEqual({ ok: true, value: false });
});
