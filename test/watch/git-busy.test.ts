/** When git holds the watcher. */
import { expect, it } from 'vitest';
import { gitActivity } from '../../src/watch/git-busy.ts';

const rest = { lockedMs: null, messageMs: null, steps: [] };

it.each([
  ['at rest', rest, { busy: false }],
  ['with a lock', { ...rest, lockedMs: 5 }, { busy: true, because: 'index.lock', lock: true }],
  [
    'with a lock taken after the last commit',
    { ...rest, lockedMs: 5, messageMs: 4 },
    { busy: true, lock: true },
  ],
  ['while an editor session holds the lock', { ...rest, lockedMs: 5, messageMs: 6 }, { busy: false }],
  [
    'between two steps of a rebase',
    { ...rest, steps: ['rebase-merge'] },
    { busy: true, because: 'rebase-merge', lock: false },
  ],
  [
    'while the message of a step is written',
    { lockedMs: 5, messageMs: 6, steps: ['MERGE_HEAD'] },
    { busy: false },
  ],
  [
    'with an old message and a step',
    { ...rest, messageMs: 1, steps: ['MERGE_HEAD'] },
    { busy: true, because: 'MERGE_HEAD' },
  ],
])('is answered %s', (_, facts, answer) => {
  expect(gitActivity(facts)).toMatchObject(answer);
});
