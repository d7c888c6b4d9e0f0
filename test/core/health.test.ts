import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/core/health.ts';
import { judge, summarise } from '../../src/core/health.ts';
import type { Role, ServiceDefinition, ServiceState } from '../../src/core/service.ts';

const aState = (more: Partial<ServiceState> = {}): ServiceState => ({
  name: 'web',
  namespace: 'default',
  status: 'Running',
  isReady: 'unknown',
  hasProbe: false,
  restarts: 0,
  exitCode: 0,
  isRunning: ['Running', 'Launched', 'Launching'].includes(more.status ?? 'Running'),
  pid: 4242,
  ageNs: 1e9,
  successExitCodes: [],
  ...more,
});

const aDefinition = (more: Partial<ServiceDefinition> = {}): ServiceDefinition => ({
  name: 'web',
  command: 'exec node web.mjs',
  workingDirectory: '/p',
  dependsOn: [],
  awaitedToComplete: false,
  hasReadinessProbe: false,
  probe: null,
  ports: [],
  disabled: false,
  watchedByManager: false,
  restart: 'no',
  successExitCodes: [],
  shutdown: { command: null, timeoutMs: null, signal: 15 },
  script: null,
  ...more,
});

const plain = aDefinition();
const probed = aDefinition({ hasReadinessProbe: true, probe: 'GET http://127.0.0.1:3000/' });
const awaited = aDefinition({ awaitedToComplete: true });
const definitions = { none: null, plain, probed, awaited };

/** Every status × exit code × readiness × definition, as one word each. */
const table: readonly {
  readonly status: string;
  readonly exitCode: number | 'any';
  readonly isReady: ServiceState['isReady'] | 'any';
  readonly verdict: Readonly<Record<keyof typeof definitions, Verdict>>;
}[] = [
  { status: 'Running', exitCode: 'any', isReady: 'ready', verdict: all('ok') },
  { status: 'Running', exitCode: 'any', isReady: 'unknown', verdict: { ...all('ok'), probed: 'starting' } },
  {
    status: 'Running',
    exitCode: 'any',
    isReady: 'not-ready',
    verdict: { ...all('ok'), probed: 'unready', none: 'unready' },
  },
  { status: 'Launched', exitCode: 'any', isReady: 'ready', verdict: all('ok') },
  { status: 'Launched', exitCode: 'any', isReady: 'unknown', verdict: { ...all('ok'), probed: 'starting' } },
  {
    status: 'Launched',
    exitCode: 'any',
    isReady: 'not-ready',
    verdict: { ...all('ok'), probed: 'unready', none: 'unready' },
  },
  { status: 'Pending', exitCode: 'any', isReady: 'any', verdict: all('starting') },
  { status: 'Launching', exitCode: 'any', isReady: 'any', verdict: all('starting') },
  { status: 'Restarting', exitCode: 'any', isReady: 'any', verdict: all('starting') },
  { status: 'Terminating', exitCode: 'any', isReady: 'any', verdict: all('stopped') },
  { status: 'Completed', exitCode: 0, isReady: 'any', verdict: { ...all('stopped'), awaited: 'done' } },
  { status: 'Completed', exitCode: 7, isReady: 'any', verdict: all('failed') },
  { status: 'Completed', exitCode: -1, isReady: 'any', verdict: all('failed') },
  { status: 'Watching', exitCode: 0, isReady: 'any', verdict: { ...all('stopped'), awaited: 'done' } },
  { status: 'Watching', exitCode: 7, isReady: 'any', verdict: all('failed') },
  { status: 'Scheduled', exitCode: 0, isReady: 'any', verdict: all('done') },
  { status: 'Scheduled', exitCode: 7, isReady: 'any', verdict: all('failed') },
  { status: 'Disabled', exitCode: 'any', isReady: 'any', verdict: all('disabled') },
  { status: 'Foreground', exitCode: 'any', isReady: 'any', verdict: all('disabled') },
  { status: 'Skipped', exitCode: 'any', isReady: 'any', verdict: all('failed') },
  { status: 'Error', exitCode: 'any', isReady: 'any', verdict: all('failed') },
  { status: 'gave_up', exitCode: 'any', isReady: 'any', verdict: all('failed') },
  { status: 'Hibernating', exitCode: 'any', isReady: 'any', verdict: all('stopped') },
];

function all(verdict: Verdict): Record<keyof typeof definitions, Verdict> {
  return { none: verdict, plain: verdict, probed: verdict, awaited: verdict };
}

const cases = table.flatMap(({ status, exitCode, isReady, verdict }) =>
  (exitCode === 'any' ? [0, 7, -1] : [exitCode]).flatMap((code) =>
    (isReady === 'any' ? (['ready', 'not-ready', 'unknown'] as const) : [isReady]).flatMap((ready) =>
      (['none', 'plain', 'probed', 'awaited'] as const).map((kind) => ({
        status,
        code,
        ready,
        kind,
        verdict: verdict[kind],
      })),
    ),
  ),
);

describe('one service', () => {
  test.each(cases)(
    '$status, exit code $code, $ready, definition $kind: $verdict',
    ({ status, code, ready, kind, verdict }) => {
      const state = aState({ status, exitCode: code, isReady: ready, hasProbe: true });
      const judged = judge(definitions[kind], state, null);
      expect(judged.verdict).toBe(verdict);
      expect(judged.what).not.toBe('');
    },
  );

  test('one that crashed after it was ready is not ready', () => {
    const state = aState({ status: 'Completed', isReady: 'ready', hasProbe: true, exitCode: 7 });
    expect(judge(probed, state, null)).toEqual({ verdict: 'failed', ready: false, what: 'exited with 7' });
    expect(judge(null, state, null).ready).toBe(false);
  });

  test('the exit code of one that runs again is history', () => {
    const state = aState({ isReady: 'ready', hasProbe: true, exitCode: 7, restarts: 1 });
    expect(judge(probed, state, null)).toEqual({ verdict: 'ok', ready: true, what: 'ready' });
  });

  test('a liveness probe is no readiness probe', () => {
    const state = aState({ hasProbe: true, isReady: 'unknown' });
    expect(judge(plain, state, null)).toEqual({ verdict: 'ok', ready: null, what: 'running' });
    expect(judge(null, state, null)).toEqual({ verdict: 'ok', ready: null, what: 'running' });
  });

  test('without a definition, a release that does not tell of probes is judged by the result that is there', () => {
    const state = aState({ hasProbe: null, isReady: 'not-ready' });
    expect(judge(null, state, null)).toMatchObject({ verdict: 'unready', ready: false });
    expect(judge(null, { ...state, isReady: 'unknown' }, null)).toMatchObject({ verdict: 'ok', ready: null });
  });

  test('a web server that completed at once is stopped, and told which line makes it a task', () => {
    const judged = judge(plain, aState({ status: 'Completed' }), 'code');
    expect(judged).toMatchObject({ verdict: 'stopped', ready: null });
    expect(judged.what).toContain('services: { web: { role: task } }');
    expect(judge(plain, aState({ name: 'a: b', status: 'Completed' }), 'code').what).toContain(
      '{ "a: b": { role: task } }',
    );
  });

  test.each<[Role, Verdict]>([
    ['task', 'done'],
    ['code', 'stopped'],
    ['self', 'stopped'],
    ['store', 'stopped'],
  ])('with the role %s, an end with 0 is %s', (role, verdict) => {
    expect(judge(plain, aState({ status: 'Completed' }), role).verdict).toBe(verdict);
  });

  test('an exit code that counts as success, by the server or by the file, is as good as 0', () => {
    const state = aState({ status: 'Completed', exitCode: 130 });
    expect(judge(awaited, state, null).verdict).toBe('failed');
    expect(judge(awaited, { ...state, successExitCodes: [130] }, null).verdict).toBe('done');
    expect(judge({ ...awaited, successExitCodes: [130] }, state, null).verdict).toBe('done');
    expect(judge({ ...plain, successExitCodes: [130] }, state, null).verdict).toBe('stopped');
  });

  test('the phrases name the probe, the dependency and the signal', () => {
    const what = (definition: ServiceDefinition | null, state: Partial<ServiceState>) =>
      judge(definition, aState(state), null).what;
    expect(what(probed, { isReady: 'not-ready' })).toBe(
      'not ready: GET http://127.0.0.1:3000/ did not succeed',
    );
    expect(what(probed, {})).toBe('waits for the first answer of GET http://127.0.0.1:3000/');
    const waits = aDefinition({ dependsOn: [{ name: 'db', condition: 'process_healthy' }] });
    expect(what(waits, { status: 'Pending' })).toBe('waits for db');
    expect(what(null, { status: 'Completed', exitCode: -1 })).toBe('was ended by a signal');
    expect(what(null, { status: 'gave_up', restarts: 5 })).toBe('gave up after 5 restarts');
    expect(what(null, { status: 'Hibernating' })).toContain('"Hibernating"');
  });

  test('a status that upkeep does not know is judged like Running as long as it runs', () => {
    const state = aState({ status: 'Napping', isRunning: true, isReady: 'not-ready' });
    expect(judge(probed, state, null).verdict).toBe('unready');
    expect(judge(plain, state, null).verdict).toBe('ok');
  });

  test('whatever a supervisor says: ok means running, ready means ok, and no probe means no readiness', () => {
    const anyState = fc.record({
      status: fc.constantFrom(...table.map((row) => row.status)),
      isReady: fc.constantFrom<ServiceState['isReady'][]>('ready', 'not-ready', 'unknown'),
      hasProbe: fc.constantFrom(true, false, null),
      exitCode: fc.integer({ min: -1, max: 255 }),
      restarts: fc.nat(9),
    });
    const anyRole = fc.constantFrom<(Role | null)[]>('code', 'self', 'store', 'task', null);
    fc.assert(
      fc.property(
        anyState,
        anyRole,
        fc.constantFrom(null, plain, probed, awaited),
        (given, role, definition) => {
          const { verdict, ready } = judge(definition, aState(given), role);
          if (verdict === 'ok' || verdict === 'unready')
            expect(['Running', 'Launched']).toContain(given.status);
          if (ready === true) expect(verdict).toBe('ok');
          if (definition) expect(ready === null).toBe(!definition.hasReadinessProbe);
        },
      ),
    );
  });
});

describe('the whole stack', () => {
  const service = (verdict: Verdict, status: string, pid: number | null = 1) => ({
    verdict,
    state: aState({ status, pid }),
  });
  const ok = service('ok', 'Running');
  const done = service('done', 'Completed');
  const disabled = service('disabled', 'Disabled', null);
  const starting = service('starting', 'Pending', null);
  const unready = service('unready', 'Running');
  const failed = service('failed', 'Completed');
  const stopped = service('stopped', 'Completed');
  const leaving = service('stopped', 'Terminating');
  const neverBegun = service('stopped', 'Terminating', null);

  test.each([
    ['all is well', [ok, done, disabled], 'up', true],
    ['there are only tasks, and they are done', [done, disabled], 'up', true],
    ['there is no service at all', [], 'up', true],
    ['one is not ready', [ok, unready], 'up', false],
    ['one is on its way up', [ok, starting], 'starting', false],
    ['none runs yet', [starting, starting], 'starting', false],
    ['one failed', [ok, failed, starting], 'degraded', false],
    ['one stopped', [ok, stopped], 'degraded', false],
    ['one is on its way out', [ok, leaving], 'stopping', false],
    ['nothing runs, as after a stop with --keep-project', [stopped, failed, done], 'hollow', false],
    ['nothing runs, and one was stopped before it began', [neverBegun, done], 'hollow', false],
    ['everything crashed', [failed], 'hollow', false],
  ] as const)('when %s', (_, services, stack, healthy) => {
    expect(summarise({ supervisor: 'answers', services })).toEqual({ stack, healthy });
  });

  test('is down without a supervisor, and unreachable when that does not answer', () => {
    expect(summarise({ supervisor: 'none', services: [] })).toEqual({ stack: 'down', healthy: false });
    expect(summarise({ supervisor: 'unreachable', services: [ok] })).toEqual({
      stack: 'unreachable',
      healthy: false,
    });
  });
});
