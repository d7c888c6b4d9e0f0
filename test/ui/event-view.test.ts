import { expect, it } from 'vitest';
import type { UpkeepEvent } from '../../src/core/event.ts';
import type { Failure } from '../../src/core/failure.ts';
import { eventView } from '../../src/ui/event-view.ts';
import { styleFor } from '../../src/ui/style.ts';

const told = (...events: readonly UpkeepEvent[]): readonly string[] => {
  const view = eventView(styleFor('never', false, {}), '/p');
  return events.flatMap(view);
};

const begin: UpkeepEvent = {
  event: 'restart.begin',
  restart: 'r1',
  cause: { trigger: 'change', paths: ['a', 'b', 'c', 'd', 'e'], count: 12 },
};
const end = (outcome: 'ok' | 'failed' | 'abandoned', failure: Failure | null = null): UpkeepEvent => ({
  event: 'restart.end',
  restart: 'r1',
  outcome,
  downtimeMs: outcome === 'ok' ? 310 : null,
  failure,
});
const notReady: Failure = {
  reason: 'not-ready',
  why: 'failed',
  waitedMs: 1,
  services: [{ name: 'web', what: 'exited with 3', lastLog: ['boom'] }],
};

it('tells a restart in two lines, with the first five paths', () => {
  expect(
    told(
      { event: 'change', paths: ['a'], count: 1 },
      begin,
      { event: 'restart.phase', restart: 'r1', name: 'down', ms: 5 },
      end('ok'),
    ),
  ).toEqual(['a, b, c, d, e and 7 more changed', 'restarted, 0.3 s down']);
});

it('tells the same failure again in one line, and anew after a good restart', () => {
  const failed = end('failed', notReady);
  expect(told(failed, failed, end('ok'), failed)).toEqual([
    'failed',
    '  web: exited with 3',
    '    web | boom',
    'failed as before',
    'restarted, 0.3 s down',
    'failed',
    '  web: exited with 3',
    '    web | boom',
  ]);
});

it('is silent about what something else tells: what was abandoned, and a short hold of git', () => {
  expect(
    told(
      end('abandoned'),
      { event: 'git.held', because: 'index.lock' },
      { event: 'git.released', heldMs: 40 },
      { event: 'service', name: 'web', from: 'starting', to: 'ok', lastLog: [] },
    ),
  ).toEqual([]);
});

it('tells a long hold of git', () => {
  expect(
    told({ event: 'git.held', because: 'rebase-merge' }, { event: 'git.released', heldMs: 3_000 }),
  ).toEqual(['waiting for git (rebase-merge)', 'waited 3 s for git']);
});

it('shortens a place in the project', () => {
  expect(
    told({ event: 'config.bad', file: '/p/process-compose.yaml', line: 3, column: 5, message: 'no' }),
  ).toEqual(['bad process-compose.yaml:3:5: no']);
});
