/** The loop with actions that the test opens by hand, on a clock that it moves. */
import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/core/controller/state.ts';
import type { UpkeepEvent } from '../../src/core/event.ts';
import type { Failure } from '../../src/core/failure.ts';
import { fail, ok } from '../../src/core/result.ts';
import { startLoop } from '../../src/daemon/loop.ts';
import { codeChanged, configChanged, createFakeActions, done, same } from '../rig/fake-actions.ts';
import { createFakeClock, promisesRun } from '../rig/fake-clock.ts';

const broken: Failure = { reason: 'survivors', survivors: [], ports: [] };

async function rig() {
  const clock = createFakeClock();
  const actions = createFakeActions();
  const events: UpkeepEvent[] = [];
  const initial = initialState({ quietMs: 300, capMs: 8_000, idPrefix: 'r' });
  const loop = startLoop({ initial, actions, clock, report: (event) => events.push(event) });
  loop.send({ type: 'stack', is: 'up' });
  await promisesRun();
  actions.open('check').answer(same);
  await loop.settled();
  const save = (path = 'src/a.ts'): void =>
    loop.send({ type: 'hint', paths: [path], count: 1, newestMtimeMs: clock.now() });
  const answer = async (name: Parameters<typeof actions.open>[0], value: unknown): Promise<void> => {
    actions.open(name).answer(value);
    await promisesRun();
  };
  const named = <T extends UpkeepEvent['event']>(name: T) =>
    events.filter((event): event is Extract<UpkeepEvent, { event: T }> => event.event === name);
  const life = () => loop.state().life.is;
  return { clock, actions, events, loop, save, answer, named, life };
}

describe('the loop', () => {
  test('takes one save from its hint to ready, in order, and reports each phase with its time', async () => {
    const { clock, actions, loop, save, answer, named } = await rig();
    save();
    await clock.advance(300);
    await clock.advance(50);
    await answer('check', codeChanged);
    await clock.advance(400);
    await answer('stop', done);
    await clock.advance(200);
    await answer('spawn', done);
    await clock.advance(1_000);
    await answer('awaitReady', done);
    await answer('check', same);
    await loop.settled();
    expect(actions.called).toEqual(['check', 'check', 'stop', 'spawn', 'awaitReady', 'check']);
    const [begin] = named('restart.begin');
    expect(begin).toMatchObject({
      restart: 'r1',
      cause: { trigger: 'change', paths: ['src/a.ts'], count: 1 },
    });
    expect(named('restart.phase').map((p) => [p.restart, p.name, p.ms])).toEqual([
      ['r1', 'settle', 350],
      ['r1', 'down', 400],
      ['r1', 'up', 200],
      ['r1', 'ready', 1_000],
    ]);
    expect(named('restart.end')).toMatchObject([
      { restart: 'r1', outcome: 'ok', downtimeMs: 1_600, failure: null },
    ]);
  });

  test('aborts a validation for a new hint, and begins nothing before it has ended', async () => {
    const { clock, actions, save, answer, life } = await rig();
    save('devenv.nix');
    await clock.advance(300);
    await answer('check', configChanged);
    const validation = actions.open('validate');
    save('devenv.nix');
    expect(validation.signal?.aborted).toBe(true);
    await clock.advance(300);
    expect(life()).toBe('checking');
    expect(actions.called.at(-1)).toBe('validate');
    validation.answer(fail({ reason: 'interrupted' }));
    await promisesRun();
    actions.open('check');
    expect(life()).toBe('checking');
  });

  test('does not listen to the answer of what it abandoned', async () => {
    const { clock, actions, save, answer, life, named } = await rig();
    save('devenv.nix');
    await clock.advance(300);
    await answer('check', configChanged);
    save('devenv.nix');
    await answer('validate', ok({ fingerprintSame: false }));
    expect(life()).toBe('settling');
    expect(named('restart.end')).toMatchObject([{ outcome: 'abandoned' }]);
    await clock.advance(300);
    actions.open('check');
  });

  test('drops a check that was abandoned before its turn came', async () => {
    const { clock, actions, save, answer, loop, life } = await rig();
    save();
    await clock.advance(300);
    await answer('check', codeChanged);
    await answer('stop', done);
    await answer('spawn', done);
    save();
    await clock.advance(300);
    expect(life()).toBe('checking');
    loop.send({ type: 'pause', untilMs: null });
    await answer('awaitReady', done);
    await loop.settled();
    expect(life()).toBe('paused');
    expect(actions.isOpen()).toBe(false);
    expect(actions.called.at(-1)).toBe('awaitReady');
  });

  test('makes a thrown error a failure with the name `unexpected`, and goes on', async () => {
    const { clock, actions, save, answer, loop, named, life } = await rig();
    save();
    await clock.advance(300);
    await answer('check', codeChanged);
    actions.open('stop').throw(new TypeError('no such thing'));
    await loop.settled();
    expect(life()).toBe('backoff');
    expect(named('backoff')).toMatchObject([
      { retryInMs: 1_000, failures: 1, failure: { reason: 'unexpected', message: 'no such thing' } },
    ]);
    await clock.advance(1_000);
    await answer('check', codeChanged);
    await answer('stop', done);
    actions.open('spawn');
  });

  test('takes a check that throws for an unknown content: says so, and looks again by itself', async () => {
    const { clock, actions, save, loop, named, life, answer } = await rig();
    save();
    await clock.advance(300);
    actions.open('check').throw(new Error('git fell over'));
    await loop.settled();
    expect(life()).toBe('idle');
    expect(named('degraded').map((e) => e.because)).toContain('check: git fell over');
    await clock.advance(1_000);
    await answer('check', codeChanged);
    await clock.advance(300);
    await answer('check', codeChanged);
    actions.open('stop');
  });

  test('lets the look be anticipated in the last moments of the quiet period, and says when a hint spoilt it', async () => {
    const { clock, actions, save } = await rig();
    save();
    await clock.advance(200);
    save();
    await clock.advance(250);
    expect(actions.foretold).toEqual(['disturbed', 'disturbed']);
    await clock.advance(20);
    expect(actions.foretold).toEqual(['disturbed', 'disturbed', 'anticipate']);
    save();
    expect(actions.foretold.at(-1)).toBe('disturbed');
    await clock.advance(299);
    expect([actions.foretold.at(-1), actions.called]).toEqual(['anticipate', ['check']]);
    await clock.advance(1);
    actions.open('check');
  });

  test('goes on after a failed adoption', async () => {
    const { clock, actions, save, loop, named, life, answer } = await rig();
    save('devenv.nix');
    await clock.advance(300);
    await answer('check', configChanged);
    await answer('validate', ok({ fingerprintSame: true }));
    await answer('check', configChanged);
    actions.open('adopt').throw(new Error('disk full'));
    await loop.settled();
    expect(life()).toBe('idle');
    expect(named('degraded').map((e) => e.because)).toEqual(['adopt: disk full']);
    expect(actions.called).not.toContain('stop');
  });

  test('closes in the middle of a stop only after the spawn, and leaves no timer', async () => {
    const { clock, actions, save, loop, answer, life } = await rig();
    save();
    await clock.advance(300);
    await answer('check', codeChanged);
    let closed = false;
    const closing = loop.close().then(() => (closed = true));
    await promisesRun();
    expect(closed).toBe(false);
    await answer('stop', done);
    expect(closed).toBe(false);
    await answer('spawn', done);
    await closing;
    expect(life()).toBe('off');
    expect(clock.next()).toBeNull();
    save();
    await clock.advance(10_000);
    expect(actions.isOpen()).toBe(false);
  });

  test('closes at once while it waits for readiness, telling the wait to end', async () => {
    const { clock, actions, save, loop, answer } = await rig();
    save();
    await clock.advance(300);
    await answer('check', codeChanged);
    await answer('stop', done);
    await answer('spawn', done);
    const wait = actions.open('awaitReady');
    const closing = loop.close();
    expect(wait.signal?.aborted).toBe(true);
    wait.answer(fail({ reason: 'interrupted' }));
    await closing;
  });

  test('is settled while nothing is in flight, and only then', async () => {
    const { clock, save, loop, answer } = await rig();
    await loop.settled();
    save();
    let settled = false;
    void loop.settled().then(() => (settled = true));
    await clock.advance(300);
    await answer('check', codeChanged);
    expect(settled).toBe(false);
    await answer('stop', fail(broken));
    expect(settled).toBe(true);
  });

  test('may be sent events from within a report', async () => {
    const clock = createFakeClock();
    const actions = createFakeActions();
    const seen: string[] = [];
    const loop = startLoop({
      initial: initialState({ quietMs: 300, capMs: 8_000, idPrefix: 'r' }),
      actions,
      clock,
      report(event) {
        seen.push(`${event.event} ${loop.state().life.is}`);
        if (event.event === 'paused') loop.send({ type: 'resume' });
      },
    });
    loop.send({ type: 'pause', untilMs: null });
    await promisesRun();
    expect(seen).toEqual(['paused paused', 'resumed checking']);
    actions.open('check').answer(same);
    await loop.settled();
  });

  test('keeps one timer for the one deadline', async () => {
    const { clock, save, loop } = await rig();
    save();
    const first = clock.next();
    await clock.advance(200);
    save();
    expect(clock.next()).toBe((first ?? 0) + 200);
    loop.send({ type: 'pause', untilMs: null });
    expect(clock.next()).toBeNull();
  });
});
