import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RecordKind } from '../../src/io/records.ts';
import { readRecord, writeRecord } from '../../src/io/records.ts';

interface Sample {
  readonly schema: 1;
  readonly name: string;
}
const kind: RecordKind<Sample> = {
  schema: 1,
  check: (value): value is Sample => typeof (value as Partial<Sample> | null)?.name === 'string',
};
let place = '';
const path = (): string => join(place, 'deep/sample.json');

beforeEach(() => {
  place = mkdtempSync('/tmp/uk-');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it('reads back what it wrote, for its owner only, with no temporary file left', () => {
  expect(writeRecord(path(), { schema: 1, name: 'a' } as Sample)).toEqual({ ok: true, value: undefined });
  expect(readRecord(path(), kind)).toEqual({ ok: true, value: { schema: 1, name: 'a' } });
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(place, 'deep'))).toEqual(['sample.json']);
});

it('says null when there is none', () => {
  expect(readRecord(path(), kind)).toEqual({ ok: true, value: null });
});

it.each([
  ['empty', ''],
  ['corrupt', '{"schema": 1, "na'],
  ['corrupt', '{"schema": 1, "name": 3}'],
  ['corrupt', '[]'],
  ['newer', '{"schema": 2, "name": "a"}'],
])('refuses a record that is %s and leaves it as it is: %j', (problem, text) => {
  writeRecord(path(), { schema: 1, name: 'a' } as Sample);
  writeFileSync(path(), text);
  expect(readRecord(path(), kind)).toMatchObject({
    ok: false,
    failure: { reason: 'record-invalid', problem },
  });
  expect(readFileSync(path(), 'utf8')).toBe(text);
});

it('says where it could not write', () => {
  writeFileSync(join(place, 'deep'), 'a file in the way');
  expect(writeRecord(path(), { schema: 1 })).toMatchObject({
    ok: false,
    failure: { reason: 'state-unwritable', path: path() },
  });
});
