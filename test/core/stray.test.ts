import { expect, it } from 'vitest';
import type { StrayFacts } from '../../src/core/stray.ts';
import { strayWords } from '../../src/core/stray.ts';

/** A service of process-compose after a SIGKILL of that: leads its group, in the session of whoever started the server. */
const orphan = (change: Partial<StrayFacts> = {}): StrayFacts => ({
  row: { pid: 20, group: 20, session: 10 },
  startedByProcessCompose: true,
  worksHere: () => true,
  hasUnreadOutput: () => false,
  parent: 'reaper',
  leader: 'itself',
  ...change,
});
const child = { pid: 21, group: 20, session: 10 };

it.each<[string, Partial<StrayFacts>, readonly string[]]>([
  ['a service whose server is gone', {}, ['service', 'directory', 'orphan']],
  [
    'one that overwrote its environment, and that nobody listens to any more',
    { startedByProcessCompose: false, hasUnreadOutput: () => true },
    ['unread', 'directory', 'orphan'],
  ],
  [
    "a service of devenv's own manager, which gives it a session",
    { row: { pid: 20, group: 20, session: 20 }, startedByProcessCompose: false, startedByNative: true },
    ['service', 'directory', 'orphan'],
  ],
  ['what is left of its group', { row: child, leader: 'gone' }, ['service', 'directory', 'orphan']],
  [
    'its child, whatever that carries',
    { row: child, parent: 'stray', startedByProcessCompose: false },
    ['child'],
  ],
  [
    'another process of its group',
    { row: child, leader: 'stray', startedByProcessCompose: false },
    ['group'],
  ],
])('takes for one: %s', (_, change, words) => {
  expect(strayWords(orphan(change))).toEqual(words);
});

it.each<[string, Partial<StrayFacts>]>([
  ['an editor, with the directory and no variables of process-compose', { startedByProcessCompose: false }],
  ['what works in another tree', { worksHere: () => false }],
  ['what has a live parent: it is somebody at work', { parent: 'other' }],
  ["a live service of devenv's own manager", { parent: 'other', startedByNative: true }],
  ['a tmux server that a service started: it leads a session', { row: { pid: 20, group: 20, session: 20 } }],
  [
    'a daemon below a stray, in a session of its own',
    { row: { pid: 21, group: 21, session: 21 }, parent: 'stray' },
  ],
  ["a job whose leader lives and is nobody's stray", { row: child, leader: 'other' }],
])('does not: %s', (_, change) => {
  expect(strayWords(orphan(change))).toBeNull();
});

it('looks at the disk only for what could be one, and at every process only for what is in the tree besides', () => {
  const look = (): boolean => {
    throw new Error('looked');
  };
  for (const change of [{ parent: 'other' }, { row: { pid: 20, group: 20, session: 20 } }] as const)
    expect(strayWords(orphan({ ...change, worksHere: look, hasUnreadOutput: look }))).toBeNull();
  expect(strayWords(orphan({ hasUnreadOutput: look }))).not.toBeNull();
  const elsewhere = { worksHere: () => false, startedByProcessCompose: false };
  expect(strayWords(orphan({ ...elsewhere, hasUnreadOutput: look }))).toBeNull();
});
