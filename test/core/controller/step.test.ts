/** The picture above step.ts, edge by edge. */
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import {
  bad,
  broken,
  codeB,
  configC,
  crash,
  found,
  gitBusy,
  gitIdle,
  hint,
  invalid,
  quiet,
  ready,
  same,
  spawned,
  startMs,
  stopped,
  tell,
  valid,
  type Told,
} from './told.ts';

const restarting: readonly Told[] = [hint, quiet, found(codeB)];
const waiting: readonly Told[] = [...restarting, stopped, spawned];
const backOnTheLastGood: Told = {
  type: 'spawned',
  ok: false,
  failure: { ...bad, untouched: false } as Failure,
};
const wentBack: readonly Told[] = [
  hint,
  quiet,
  found(configC),
  valid,
  found(configC),
  stopped,
  backOnTheLastGood,
];
const failed: readonly Told[] = [...restarting, { type: 'stopped', ok: false, failure: broken }];
const badConfig: readonly Told[] = [hint, quiet, found(configC), invalid];

const validSame: Told = { type: 'validated', ok: true, fingerprintSame: true };
/** Writes without a pause up to the cap: the look is under way, and hints no longer cancel anything. */
const capped: readonly Told[] = Array.from({ length: 160 }, () => [hint, 50] as const).flat();

const edges: readonly (readonly [
  title: string,
  told: readonly Told[],
  is: string,
  orders: readonly string[],
])[] = [
  ['a hint settles', [hint], 'settling', []],
  ['quiet leads to a look', [hint, 300], 'checking', ['check']],
  ['the edge of an outside debounce leads to a look', [hint, quiet], 'checking', ['check']],
  ['equal content ends there', [hint, quiet, found(same)], 'idle', []],
  ['changed code goes straight to the stop', restarting, 'stopping', ['stop']],
  ['a touched configuration is validated first', [hint, quiet, found(configC)], 'validating', ['validate']],
  [
    'a good validation looks again before the stop',
    [hint, quiet, found(configC), valid],
    'checking',
    ['check'],
  ],
  [
    'what was validated is stopped for',
    [hint, quiet, found(configC), valid, found(configC)],
    'stopping',
    ['stop'],
  ],
  [
    'another configuration than the validated one is validated again',
    [hint, quiet, found(configC), valid, found({ ...configC, id: 'D', configId: 'e' })],
    'validating',
    ['validate'],
  ],
  [
    'other code beside the validated configuration goes on',
    [hint, quiet, found(configC), valid, found({ ...configC, id: 'D', codeChanged: true })],
    'stopping',
    ['stop'],
  ],
  [
    'a configuration that means the same is adopted',
    [hint, quiet, found(configC), { type: 'validated', ok: true, fingerprintSame: true }, found(configC)],
    'idle',
    ['adopt'],
  ],
  [
    'a configuration that means the same does not hide changed code',
    [
      hint,
      quiet,
      found(configC),
      { type: 'validated', ok: true, fingerprintSame: true },
      found({ ...configC, codeChanged: true }),
    ],
    'stopping',
    ['stop'],
  ],
  ['a bad configuration leaves everything as it is', badConfig, 'config-bad', []],
  ['a hint under a bad configuration settles', [...badConfig, hint], 'settling', []],
  ['a bad configuration taken back is idle', [...badConfig, hint, quiet, found(same)], 'idle', []],
  [
    'a save of the same bad text is validated again',
    [...badConfig, hint, quiet, found(configC)],
    'validating',
    ['validate'],
  ],
  [
    'a periodic look does not validate the same bad text again',
    [...badConfig, { type: 'look' }, found(configC)],
    'config-bad',
    [],
  ],
  ['a hint cancels a validation', [hint, quiet, found(configC), hint], 'settling', ['abandon']],
  ['down verified leads to the spawn', [...restarting, stopped], 'starting', ['spawn']],
  ['spawned leads to the wait for readiness', waiting, 'starting', ['await-ready']],
  ['ready leads to another look', [...waiting, ready], 'checking', ['check']],
  ['equal content after ready is idle', [...waiting, ready, found(same)], 'idle', []],
  ['other content after ready may be half written', [...waiting, ready, found(codeB)], 'settling', []],
  [
    'other content after ready restarts once it is quiet',
    [...waiting, ready, found(codeB), quiet, found(codeB)],
    'stopping',
    ['stop'],
  ],
  ['hints during the stop change nothing at first', [...restarting, hint, hint], 'stopping', []],
  ['hints during the stop settle after the spawn', [...restarting, hint, stopped, spawned], 'settling', []],
  ['a hint abandons the wait for readiness', [...waiting, hint], 'settling', ['abandon']],
  [
    'a wait abandoned for nothing new is taken up again',
    [...waiting, hint, quiet, found(same)],
    'starting',
    ['await-ready'],
  ],
  [
    'a wait abandoned for new content restarts',
    [...waiting, hint, quiet, found(codeB)],
    'stopping',
    ['stop'],
  ],
  ['a failed stop backs off', failed, 'backoff', []],
  [
    'a stop that somebody else got ahead of is given up',
    [...restarting, { type: 'stopped', ok: false, failure: { reason: 'superseded' } }],
    'idle',
    [],
  ],
  [
    'hints during a stop that somebody else got ahead of are looked at',
    [...restarting, hint, { type: 'stopped', ok: false, failure: { reason: 'superseded' } }],
    'settling',
    [],
  ],
  [
    'a failed spawn backs off',
    [...restarting, stopped, { type: 'spawned', ok: false, failure: broken }],
    'backoff',
    [],
  ],
  ['what does not start and gave way to the last good one is bad', wentBack, 'config-bad', []],
  [
    'a periodic look does not start it again',
    [...wentBack, { type: 'look' }, found(configC)],
    'config-bad',
    [],
  ],
  ['another save is a new chance', [...wentBack, hint, quiet, found(configC)], 'validating', ['validate']],
  ['a save meanwhile settles', [...restarting, stopped, hint, backOnTheLastGood], 'settling', []],
  [
    'a service that fails backs off',
    [...waiting, { type: 'ready', ok: false, failure: broken }],
    'backoff',
    [],
  ],
  ['the backoff ends with a look', [...failed, 1_000], 'checking', ['check']],
  ['the retry stops again before it starts', [...failed, 1_000, found(codeB)], 'stopping', ['stop']],
  ['the retry happens for equal content too', [...failed, 1_000, found(same)], 'stopping', ['stop']],
  ['a touch during the backoff waits on', [...failed, hint, quiet, found(codeB)], 'backoff', []],
  [
    'new content during the backoff acts at once',
    [...failed, hint, quiet, found({ ...codeB, id: 'N' })],
    'stopping',
    ['stop'],
  ],
  ['a crash backs off', [crash], 'backoff', []],
  ['a crash is brought back, whatever the content', [crash, 1_000, found(same)], 'stopping', ['stop']],
  ['a crash while waiting for readiness backs off', [...waiting, crash], 'backoff', ['abandon']],
  [
    'a crash is brought back even if git cannot tell the content, once validated',
    [crash, 1_000, found('unknown')],
    'validating',
    ['validate'],
  ],
  [
    'a crash while git fails starts all the same',
    [crash, 1_000, found('unknown'), valid, found('unknown')],
    'stopping',
    ['stop'],
  ],
  ['an unknown content is no restart', [hint, quiet, found('unknown')], 'idle', []],
  ['an unknown content is looked at again', [hint, quiet, found('unknown'), 1_000], 'checking', ['check']],
  [
    'a stack stopped by hand stays down',
    [{ type: 'stack', is: 'down-by-hand' }, hint, quiet, found(codeB)],
    'idle',
    [],
  ],
  ['a stop by hand ends a backoff', [...failed, { type: 'stack', is: 'down-by-hand' }], 'idle', []],
  [
    'a stop by hand ends a validation',
    [hint, quiet, found(configC), { type: 'stack', is: 'down-by-hand' }],
    'idle',
    ['abandon'],
  ],
  ['a stack on a terminal is left alone', [{ type: 'stack', is: 'on-terminal' }, found(codeB)], 'idle', []],
  [
    'what another verb starts is left alone',
    [{ type: 'stack', is: 'starting-elsewhere' }, hint, quiet, found(codeB)],
    'idle',
    [],
  ],
  [
    'what another verb started is looked at',
    [
      { type: 'stack', is: 'starting-elsewhere' },
      { type: 'stack', is: 'up' },
    ],
    'checking',
    ['check'],
  ],
  ['an onlooker sees our own stop: nothing happens', [...restarting, crash], 'stopping', []],
  ['git holds', [hint, gitBusy], 'held', []],
  ['a hint while git is busy is held at once', [gitBusy, hint], 'held', []],
  ['git lets go: quiet counts anew', [hint, gitBusy, 1_000, gitIdle], 'settling', []],
  ['three seconds of quiet trees end the hold', [gitBusy, hint, 3_000], 'checking', ['check']],
  [
    'told that the trees are quiet, the hold ends',
    [gitBusy, hint, { type: 'trees-quiet' }],
    'checking',
    ['check'],
  ],
  ['git that began during the look is waited for', [hint, quiet, gitBusy, found(codeB)], 'held', []],
  [
    'git that began during a validation is waited for before the stop',
    [hint, quiet, found(configC), gitBusy, valid, found(configC)],
    'held',
    [],
  ],
  ['after the hold the stop is not held again', [gitBusy, hint, 3_000, found(codeB)], 'stopping', ['stop']],
  ['a restart under way is finished beside git', [...restarting, gitBusy, stopped], 'starting', ['spawn']],
  [
    'an explicit restart does not wait for git',
    [gitBusy, { type: 'restart-requested' }, found(same)],
    'validating',
    ['validate'],
  ],
  [
    'an explicit restart of equal content restarts',
    [{ type: 'restart-requested' }, found(same), valid, found(same)],
    'stopping',
    ['stop'],
  ],
  ['a pause keeps the hints', [{ type: 'pause', untilMs: null }, hint, 600_000], 'paused', []],
  ['a pause ends by itself', [{ type: 'pause', untilMs: startMs + 5_000 }, 5_000], 'checking', ['check']],
  [
    'a pause asked for during the stop begins after ready',
    [...restarting, { type: 'pause', untilMs: null }, stopped, spawned, ready],
    'paused',
    [],
  ],
  ['resume looks', [{ type: 'pause', untilMs: null }, { type: 'resume' }], 'checking', ['check']],
  [
    'a pause cancels a validation',
    [hint, quiet, found(configC), { type: 'pause', untilMs: null }],
    'paused',
    ['abandon'],
  ],
  [
    'off is off',
    [{ type: 'off', because: 'x' }, hint, { type: 'look' }, { type: 'restart-requested' }],
    'off',
    [],
  ],
  [
    'off during the stop waits for the spawn',
    [...restarting, { type: 'off', because: 'x' }, stopped],
    'starting',
    ['spawn'],
  ],
  [
    'off during the spawn comes after it',
    [...restarting, stopped, { type: 'off', because: 'x' }, spawned],
    'off',
    [],
  ],
  ['a look asked for skips the quiet period', [hint, { type: 'look', asked: true }], 'checking', ['check']],
  ['a hint during the look lets it settle again', [hint, quiet, hint, found(codeB)], 'settling', []],
  ['a hint during a look that finds nothing settles', [hint, quiet, hint, found(same)], 'settling', []],
  [
    'at the cap a hint during the look holds nothing up',
    [...capped, hint, found(codeB)],
    'stopping',
    ['stop'],
  ],
  ['at the cap a hint does not cancel a validation', [...capped, found(configC), hint], 'validating', []],
  [
    'what was validated beside endless writes is not adopted',
    [...capped, found(configC), hint, validSame, found(configC)],
    'settling',
    [],
  ],
  [
    'a crash during a validation restarts even an equal configuration',
    [hint, quiet, found(configC), crash, validSame, found(configC)],
    'stopping',
    ['stop'],
  ],
  [
    'a crash during the look after it does too',
    [hint, quiet, found(configC), validSame, crash, found(configC)],
    'stopping',
    ['stop'],
  ],
  [
    'a crash during a validation is brought back when the change was taken back',
    [hint, quiet, found(configC), crash, valid, found(same)],
    'stopping',
    ['stop'],
  ],
  [
    'a crash during a validation is brought back when what changed cannot be told any more',
    [hint, quiet, found(configC), crash, valid, found('unknown')],
    'stopping',
    ['stop'],
  ],
  [
    'leave to go on despite git is for one time',
    [gitBusy, hint, 3_000, gitIdle, gitBusy, found(codeB)],
    'held',
    [],
  ],
  [
    'a save that could not be looked at is not lost on a bad configuration',
    [...badConfig, hint, quiet, found('unknown'), 1_000, found(configC), quiet, found(configC)],
    'validating',
    ['validate'],
  ],
  [
    'what we took down comes up again once a bad configuration is taken back',
    [...failed, hint, quiet, found(configC), invalid, hint, quiet, found(same)],
    'stopping',
    ['stop'],
  ],
  [
    'our own stop is not taken for one by hand',
    [
      ...restarting,
      { type: 'stack', is: 'down-by-hand' },
      { type: 'stopped', ok: false, failure: broken },
      1_000,
      found(codeB),
    ],
    'stopping',
    ['stop'],
  ],
  ['two deadlines at one moment are both met', [gitBusy, 597_000, hint, 3_000], 'checking', ['check']],
  [
    'a retry that met git is made when git lets go',
    [...failed, gitBusy, 1_000, found(codeB), gitIdle, found(codeB)],
    'stopping',
    ['stop'],
  ],
  [
    'a pause keeps the retry',
    [...failed, { type: 'pause', untilMs: null }, { type: 'resume' }, found(codeB)],
    'backoff',
    [],
  ],
  [
    'a pause keeps the bad configuration',
    [...badConfig, { type: 'pause', untilMs: null }, { type: 'resume' }, found(configC)],
    'config-bad',
    [],
  ],
  [
    'an answer that nobody waits for changes nothing',
    [hint, stopped, spawned, ready, valid, found(codeB)],
    'settling',
    [],
  ],
];

describe('step', () => {
  test.for(edges)('%s', ([, told, is, orders]) => {
    const tale = tell(...told);
    expect(tale.is).toBe(is);
    expect(tale.orders).toEqual(orders);
  });
});

describe('the reports', () => {
  const names = (told: readonly Told[]) => tell(...told).events.map((event) => event.event);

  test('tell no change by name when a hint led to equal content', () => {
    expect(tell(hint, quiet, found(same)).events).toEqual([
      { event: 'change', paths: ['src/a.ts'], count: 1 },
      { event: 'no-change', paths: ['src/a.ts'] },
    ]);
  });

  test('tell nothing when nobody announced anything and nothing is new', () => {
    expect(names([{ type: 'look' }, found(same)])).toEqual([]);
  });

  test('tell where a bad configuration is', () => {
    const tale = tell(...badConfig);
    expect(tale.events).toContainEqual({
      event: 'config.bad',
      file: 'devenv.nix',
      line: 3,
      column: 7,
      message: 'unexpected ;',
    });
    expect(tale.events.at(-1)).toMatchObject({ event: 'restart.end', outcome: 'config-bad', failure: bad });
  });

  test('double the pause with each failure up to a minute', () => {
    const retry: readonly Told[] = [60_000, found(codeB), { type: 'stopped', ok: false, failure: broken }];
    const tale = tell(...failed, ...Array.from({ length: 7 }, () => retry).flat());
    const pauses = tale.events.flatMap((event) => (event.event === 'backoff' ? [event.retryInMs] : []));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('say once that a stack on a terminal is not restarted, and again for other content', () => {
    const look = { type: 'look' } as const;
    const tale = tell(
      { type: 'stack', is: 'on-terminal' },
      found(codeB),
      look,
      found(codeB),
      look,
      found({ ...codeB, id: 'N' }),
    );
    expect(tale.events.map((event) => event.event)).toEqual(['degraded', 'degraded']);
    expect(tale.events[0]).toMatchObject({ because: expect.stringContaining('upkeep restart') });
  });

  test('warn of a lock after ten minutes, once, and of a stopped rebase never', () => {
    const warned = (lock: boolean) => names([{ ...gitBusy, lock }, 599_999, 1, 3_600_000]);
    expect(warned(true)).toEqual(['degraded']);
    expect(warned(false)).toEqual([]);
  });

  test('say once that the content is unknown, and look again at growing distances', () => {
    const tale = tell(hint, quiet, found('unknown'), 1_000, found('unknown'), 2_000, found('unknown'));
    expect(tale.events.filter((event) => event.event === 'degraded')).toHaveLength(1);
    expect(tale.deadlineMs).toBe(startMs + 3_000 + 4_000);
  });

  test('name the five first of many paths, and how many there were', () => {
    const paths = ['1', '2', '3', '4', '5', '6', '7'];
    const begin = tell(hint, quiet, found({ ...codeB, paths })).events.find(
      (event) => event.event === 'restart.begin',
    );
    expect(begin).toMatchObject({ cause: { trigger: 'change', paths: paths.slice(0, 5), count: 7 } });
  });

  test('end a restart whose wait was abandoned only when newer content really takes its place', () => {
    expect(names([...waiting, hint, quiet, found(same)])).not.toContain('restart.end');
    const ends = tell(...waiting, hint, quiet, found(codeB)).events.filter(
      (event) => event.event === 'restart.end',
    );
    expect(ends).toMatchObject([{ restart: 'r1', outcome: 'abandoned' }]);
  });
});
