import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LockRequest } from '../../src/daemon/operation-lock.ts';
import { acquireOperationLock } from '../../src/daemon/operation-lock.ts';
import type { WrittenFiles } from '../rig/written-files.ts';
import { writtenFiles } from '../rig/written-files.ts';

let tree: WrittenFiles;
let told: { holder: string; afterMs: number }[];

beforeEach(() => {
  tree = writtenFiles();
  told = [];
});
afterEach(() => tree[Symbol.dispose]());

function acquire(verb: string, more: Partial<LockRequest> = {}) {
  const began = performance.now();
  return acquireOperationLock({
    stateDir: tree.path('state'),
    verb,
    waitMs: 30_000,
    onWait: (holder) => told.push({ holder, afterMs: performance.now() - began }),
    ...more,
  });
}

const held = async (verb: string): Promise<Disposable> => {
  const lock = await acquire(verb);
  if (!lock.ok) throw new Error(lock.failure.reason);
  return lock.value;
};
const me = `(pid ${process.pid})`;

it('is taken at once where nobody has it, and says who holds it', async () => {
  using _ = await held('start');
  expect(readFileSync(join(tree.path('state'), 'lock'), 'utf8')).toBe(`start ${me}`);
  expect(told).toEqual([]);
});

it('names the holder once, after a second, and has the lock when that is done', async () => {
  const first = await held('restart');
  const second = acquire('stop');
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  first[Symbol.dispose]();
  const lock = await second;
  expect(lock.ok).toBe(true);
  expect(told).toEqual([{ holder: `restart ${me}`, afterMs: expect.any(Number) }]);
  expect(told[0]?.afterMs).toBeGreaterThanOrEqual(1_000);
  if (lock.ok) lock.value[Symbol.dispose]();
});

it('says nothing to who waits for less than a second, and gives up with the name of the holder', async () => {
  using _ = await held('restart');
  expect(await acquire('stop', { waitMs: 200 })).toEqual({
    ok: false,
    failure: { reason: 'lock-timeout', holder: `restart ${me}`, timeoutMs: 200 },
  });
  expect(told).toEqual([]);
});

it('gives up when it is told to', async () => {
  const first = await held('restart');
  const stop = new AbortController();
  const second = acquire('stop', { signal: stop.signal });
  stop.abort();
  expect(await second).toMatchObject({ failure: { reason: 'interrupted' } });
  // It did not take it along.
  first[Symbol.dispose]();
  (await held('start'))[Symbol.dispose]();
});

it('ends with its holder, however that ends', async () => {
  (await held('start'))[Symbol.dispose]();
  const holder = spawn('flock', [join(tree.path('state'), 'lock'), 'sh', '-c', 'echo got; exec sleep 300'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  await once(holder.stdout, 'data');
  const waiting = acquire('stop');
  // `flock` and its child hold the one descriptor: the lock ends with the last of them.
  const { pid = 0 } = holder;
  process.kill(-pid, 'SIGKILL');
  const lock = await waiting;
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.value[Symbol.dispose]();
});
