import { expect, it } from 'vitest';
import type { RecordFacts } from '../../src/core/record-fate.ts';
import { recordFate } from '../../src/core/record-fate.ts';

const bootedMs = 1_000_000_000;
const facts: RecordFacts = {
  problem: null,
  bootId: 'now',
  currentBootId: 'now',
  changedMs: bootedMs + 3_600_000,
  bootedMs,
  inUse: false,
  ending: false,
};
const removes = (more: Partial<RecordFacts>): boolean => recordFate({ ...facts, ...more }).remove;

it('removes a record whose processes are gone, never one that is in use', () => {
  expect(removes({})).toBe(true);
  expect(removes({ inUse: true })).toBe(false);
  expect(removes({ inUse: true, problem: 'foreign-boot', bootId: 'before' })).toBe(false);
});

it('removes a record of another boot, and never a newer one', () => {
  expect(removes({ problem: 'foreign-boot', bootId: 'before' })).toBe(true);
  expect(removes({ problem: 'newer', bootId: 'before', changedMs: 0 })).toBe(false);
});

it.each(['corrupt', 'empty'] as const)(
  'removes a %s one only when it is provably of another boot',
  (problem) => {
    const broken = { problem, bootId: null };
    expect(removes(broken)).toBe(false);
    expect(removes({ ...broken, bootId: 'now', changedMs: 0 })).toBe(false);
    expect(removes({ ...broken, bootId: 'before' })).toBe(true);
    expect(removes({ ...broken, changedMs: bootedMs - 3_600_000 })).toBe(true);
    expect(removes({ ...broken, changedMs: bootedMs - 1_000 })).toBe(false);
    expect(removes({ ...broken, changedMs: 0, bootedMs: null })).toBe(false);
  },
);
