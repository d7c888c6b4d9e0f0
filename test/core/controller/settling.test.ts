/** When a hint is old enough to look at: quiet, cap, git's hold, and clocks that jump. */
import { describe, expect, test } from 'vitest';
import type { ControllerEvent } from '../../../src/core/controller/event.ts';
import { initialState } from '../../../src/core/controller/state.ts';
import { step } from '../../../src/core/controller/step.ts';
import { gitBusy, gitIdle, hint, startMs, tell, type Told } from './told.ts';

const written = (newestMtimeMs: number | null): ControllerEvent => ({
  type: 'hint',
  paths: ['a'],
  count: 1,
  newestMtimeMs,
});
const endless = (ms: number): readonly Told[] =>
  Array.from({ length: ms / 50 }, () => [hint, 50] as const).flat();

describe('the quiet period', () => {
  test.for([
    ['counts from the newest mtime', [written(startMs - 100)], 200],
    ['counts from now when the mtime lies in the future', [written(startMs + 3_600_000)], 300],
    ['counts from now when there is no mtime', [written(null)], 300],
    ['keeps a little quiet even for an old mtime, as `tar x` leaves it', [written(startMs - 86_400_000)], 75],
    [
      'is not shortened by a later hint about an older file',
      [written(startMs), 50, written(startMs - 5_000)],
      300,
    ],
    ['starts over with each hint', [hint, 200, hint], 500],
    ['ends with the cap', endless(7_900), 8_000],
    [
      'is what upkeep.yaml says now',
      [written(startMs), { type: 'settings', quietMs: 100, capMs: 8_000 }],
      100,
    ],
  ] as const)('%s', ([, told, ms]) => {
    expect(tell(...told).deadlineMs).toBe(startMs + ms);
  });

  test('looks at the cap while writes go on', () => {
    expect(tell(...endless(8_000)).all).toEqual(['check']);
  });

  test('does not spend the cap under git', () => {
    const tale = tell(...endless(5_000), gitBusy, ...endless(20_000), gitIdle);
    expect(tale.is).toBe('settling');
    expect(tale.deadlineMs).toBe(startMs + 25_000 + 300);
  });

  test('is met when the clock was set back while it ran', () => {
    const settings = { quietMs: 300, capMs: 8_000, idPrefix: 'r' };
    const settling = step(initialState(settings), hint, startMs).state;
    const woken = step(settling, { type: 'wake', atMs: startMs + 300 }, startMs - 3_600_000);
    expect(woken.state.life.is).toBe('checking');
  });
});

describe('the hold', () => {
  test('ends after two minutes even if the trees never rest', () => {
    const tale = tell(gitBusy, ...endless(119_950));
    expect(tale.is).toBe('held');
    expect(tell(gitBusy, ...endless(119_950), 50).is).toBe('checking');
  });

  test('says when it began and how long it took', () => {
    expect(tell(hint, gitBusy, 1_000, gitIdle).events).toEqual([
      { event: 'git.held', because: 'index.lock' },
      { event: 'git.released', heldMs: 1_000 },
    ]);
  });
});
