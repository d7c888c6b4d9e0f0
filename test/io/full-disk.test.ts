import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendLine } from '../../src/io/append-line.ts';
import { openLog } from '../../src/io/log.ts';
import { readRecord, writeRecord } from '../../src/io/records.ts';
import { takeRoom } from '../../src/io/spare-room.ts';
import { SmallDisk } from '../rig/small-disk.ts';

const kind = { schema: 1, check: (value: unknown): value is { schema: 1; text: string } => value !== null };
const full = { ok: false, failure: { reason: 'state-unwritable', code: 'ENOSPC' } };
let place = '';

beforeEach(() => {
  place = mkdtempSync('/tmp/uk-');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it('writes a record whole or not at all where there is room for a part of it', () => {
  using disk = new SmallDisk(join(place, 'd'));
  const path = join(disk.path, 'record.json');
  writeRecord(path, { schema: 1, text: 'old' } as object as { schema: 1 });
  disk.fill(1);
  const large = { schema: 1, text: 'x'.repeat(10_000) } as const;
  expect(writeRecord(path, large)).toMatchObject(full);
  expect(readRecord(path, kind)).toMatchObject({ value: { text: 'old' } });
  disk.empty();
  expect(readdirSync(disk.path)).toEqual(['record.json']);
  expect(writeRecord(path, large)).toMatchObject({ ok: true });
});

it('begins a line anew after one that a full disk cut off', () => {
  using disk = new SmallDisk(join(place, 'd'));
  const path = join(disk.path, 'lines.jsonl');
  appendLine(path, { a: 1 });
  disk.fill();
  expect(() => appendLine(path, { b: 'x'.repeat(10_000) })).toThrow('ENOSPC');
  disk.empty();
  appendLine(path, { c: 3 });
  const lines = readFileSync(path, 'utf8').split('\n');
  expect([lines[0], lines.at(-2)]).toEqual(['{"a":1}', '{"c":3}']);
});

it('takes room that others then do not find, gives it back, and leaves nothing where there is none', () => {
  using disk = new SmallDisk(join(place, 'd'), 300);
  {
    const room = takeRoom(disk.path);
    expect(room).toMatchObject({ ok: true });
    expect(takeRoom(join(disk.path, 'another'))).toMatchObject(full);
    if (room.ok) room.value[Symbol.dispose]();
  }
  expect(existsSync(join(disk.path, 'room'))).toBe(false);
  disk.fill(16);
  expect(takeRoom(disk.path)).toMatchObject(full);
  disk.empty();
  disk.fillNames();
  expect(takeRoom(disk.path)).toMatchObject(full);
  disk.emptyNames();
  expect(takeRoom(disk.path)).toMatchObject({ ok: true });
});

it('logs nothing on a full disk, and goes on when there is room', async () => {
  using disk = new SmallDisk(join(place, 'd'));
  const path = join(disk.path, 'logs/watch.log');
  disk.fill();
  const log = await openLog(path);
  log.info({}, 'lost for now');
  disk.empty();
  log.info({}, 'there again');
  expect(readFileSync(path, 'utf8')).toContain('there again');
});
