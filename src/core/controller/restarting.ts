/** The second half of a restart: stop and spawn always run to their end; the wait for readiness gives way to new content. */
import type { Failure } from '../failure.ts';
import { backOff, failed } from './backoff.ts';
import { soil, type Dirty, type Hint } from './dirty.ts';
import { report } from './effect.ts';
import type { Of } from './event.ts';
import { forgiven, judge } from './flap.ts';
import {
  after,
  end,
  giveUp,
  look,
  nothing,
  phase,
  remember,
  rest,
  restOrSettle,
  settle,
  to,
  type Step,
} from './moves.ts';
import type { ControllerState, In, Owed, Restart } from './state.ts';
import { configBad } from './validating.ts';

export interface Decided {
  readonly restart: Restart;
  readonly owed: Owed;
  readonly announced: Dirty | null;
  readonly dirty: Dirty | null;
  readonly force: 'crash' | 'retry' | 'user' | null;
}

export function stop(before: ControllerState, decided: Decided, now: number): Step {
  const { restart, owed, announced, dirty, force } = decided;
  const { flap } = before.memory;
  const occasion = { announced, paths: restart.cause.paths, rule: before.settings };
  const { record, trips } = force
    ? { record: force === 'user' ? forgiven(flap) : flap, trips: null }
    : judge(flap, occasion, now);
  if (trips) {
    const over = [end(restart, 'abandoned'), ...giveUp(owed), report({ event: 'suspended', because: trips })];
    const suspended: Owed = { is: 'resume', because: trips, configId: restart.target?.configId ?? null };
    // The count starts over after the suspension; until then, looks are not slowed down by it.
    return after(over, rest(remember(before, { flap: forgiven(flap) }), suspended));
  }
  const memory = {
    stack: 'down-by-us',
    flap: { ...record, last: { stopMs: now, spawnedMs: null } },
  } as const;
  const down = { ...restart, downSinceMs: now };
  const life = { is: 'stopping', sinceMs: now, restart: down, dirty, afterwards: { is: 'look' } } as const;
  return to(remember(before, memory), life, ...giveUp(owed), { do: 'stop' });
}

export function stopped(
  state: ControllerState,
  life: In<'stopping'>,
  event: Of<'stopped'>,
  now: number,
): Step {
  if (!event.ok && event.failure.reason === 'superseded') return gaveWay(state, life, now);
  if (!event.ok) return brokeOff(state, life, event.failure, now);
  const { restart, dirty, afterwards } = life;
  const starting = { is: 'starting', waitsFor: 'spawn', sinceMs: now, restart, dirty, afterwards } as const;
  return to(state, starting, phase(restart, 'down', now - life.sinceMs), { do: 'spawn' });
}

/** Somebody else acted before our stop could begin: what the onlooker sees next decides what is left to do. */
function gaveWay(before: ControllerState, life: In<'stopping'>, now: number): Step {
  const { restart, dirty, afterwards } = life;
  const state = remember(before, { stack: 'starting-elsewhere' });
  const reports = [end(restart, 'abandoned')];
  if (afterwards.is === 'off') return to(state, { is: 'off' }, ...reports);
  if (afterwards.is === 'look') return after(reports, restOrSettle(state, dirty, nothing, now));
  return to(state, { is: 'paused', untilMs: afterwards.untilMs, dirty, owed: nothing }, ...reports);
}

export function spawned(
  before: ControllerState,
  life: In<'starting'>,
  event: Of<'spawned'>,
  now: number,
): Step {
  if (!event.ok && isBackOnTheLastGood(event.failure)) return wentBack(before, life, event.failure, now);
  if (!event.ok) return brokeOff(before, life, event.failure, now);
  const { restart, dirty, afterwards } = life;
  const { last, recent } = before.memory.flap;
  const flap = { recent, last: last && { ...last, spawnedMs: now } };
  const state = remember(before, { stack: 'up', flap });
  const reports = phase(restart, 'up', now - life.sinceMs);
  if (afterwards.is === 'off') return to(state, { is: 'off' }, reports, end(restart, 'abandoned'));
  if (dirty && afterwards.is === 'look') {
    return after([reports], settle(state, dirty, { is: 'ready', restart, sinceMs: now }, now));
  }
  return to(state, { ...life, waitsFor: 'ready', sinceMs: now }, reports, { do: 'await-ready' });
}

/** It evaluates, it does not start, and what ran before runs again: bad until it changes, as if it had not evaluated. */
function wentBack(before: ControllerState, life: In<'starting'>, failure: Failure, now: number): Step {
  const { restart, dirty, afterwards } = life;
  const { last, recent } = before.memory.flap;
  const flap = { recent, last: last && { ...last, spawnedMs: now } };
  const state = remember(before, { stack: 'up', flap });
  const owed: Owed = { is: 'fix', failure, configId: restart.target?.configId ?? null };
  const downtimeMs = restart.downSinceMs === null ? null : now - restart.downSinceMs;
  const told = [phase(restart, 'up', now - life.sinceMs), configBad(failure)];
  const over = [...told, end(restart, 'config-bad', { failure, downtimeMs })];
  if (afterwards.is === 'off') return to(state, { is: 'off' }, ...over);
  if (afterwards.is === 'look') return after(over, restOrSettle(state, dirty, owed, now));
  return to(state, { is: 'paused', untilMs: afterwards.untilMs, dirty, owed }, ...over);
}

const isBackOnTheLastGood = (failure: Failure): boolean =>
  failure.reason === 'stack-config-bad' && !failure.untouched;

export function ready(before: ControllerState, life: In<'starting'>, event: Of<'ready'>, now: number): Step {
  if (!event.ok) return brokeOff(before, life, event.failure, now);
  const { restart, dirty, afterwards } = life;
  const reports = phase(restart, 'ready', now - life.sinceMs);
  const downtimeMs = restart.downSinceMs === null ? null : now - restart.downSinceMs;
  const state = remember(before, { readySinceMs: now });
  const done = [reports, end(restart, 'ok', { downtimeMs })];
  if (afterwards.is === 'pause') {
    const { untilMs } = afterwards;
    return to(state, { is: 'paused', untilMs, dirty, owed: { is: 'nothing' } }, ...done);
  }
  // Level-triggered: what changed while we were busy is found by looking, whether or not there was a hint.
  return after(done, look(state, { announced: dirty }));
}

/** Never silently down: the failure is reported and the retry planned, wherever we go next. */
export function brokeOff(
  before: ControllerState,
  life: In<'stopping' | 'starting'>,
  failure: Failure,
  now: number,
  trigger: 'crash' | 'retry' = 'retry',
): Step {
  const { restart, dirty, afterwards } = life;
  const what = { failure, trigger, targetId: restart.target?.id ?? null };
  const over = [end(restart, 'failed', { failure })];
  if (afterwards.is === 'off') return to(before, { is: 'off' }, ...over);
  if (afterwards.is === 'look') return after(over, backOff(before, what, dirty, now));
  const { state, backoff } = failed(before, what, now);
  const owed: Owed = { is: 'retry', ...backoff };
  return to(state, { is: 'paused', untilMs: afterwards.untilMs, dirty, owed }, ...over);
}

/** A broken save that neither ends nor gets ready must not delay its own fix. */
export function hintWhileStarting(
  state: ControllerState,
  life: In<'starting'>,
  hint: Hint,
  now: number,
): Step {
  const { restart, sinceMs, waitsFor, afterwards } = life;
  const dirty = soil(life.dirty, hint, now);
  if (waitsFor === 'spawn' || afterwards.is !== 'look') return to(state, { ...life, dirty });
  return after([{ do: 'abandon' }], settle(state, dirty, { is: 'ready', restart, sinceMs }, now));
}
