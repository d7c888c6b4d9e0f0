import { expect, it } from 'vitest';
import { isLeftover } from '../../src/core/process-report.ts';

const running = { ids: new Set(['new', 'its record']), server: { pid: 10 } };
const member = { pid: 20, evidence: ['marker'], generation: 'old' };

it('takes everything for left over when nothing runs', () => {
  expect(isLeftover(member, null)).toBe(true);
  expect(isLeftover({ ...member, generation: null }, null)).toBe(true);
});

it('takes beside a running stack only what carries the name of another generation', () => {
  expect(isLeftover(member, running)).toBe(true);
  expect(isLeftover({ ...member, generation: 'new' }, running)).toBe(false);
  expect(isLeftover({ ...member, generation: 'its record' }, running)).toBe(false);
  expect(isLeftover({ ...member, generation: null }, running)).toBe(false);
});

it('never takes the running server, or what descends from it', () => {
  expect(isLeftover({ ...member, pid: 10 }, running)).toBe(false);
  expect(isLeftover({ ...member, evidence: ['marker', 'tree'] }, running)).toBe(false);
  expect(isLeftover(member, { ids: new Set(), server: { pid: 20 } })).toBe(false);
});
