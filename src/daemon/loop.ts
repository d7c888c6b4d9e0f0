/**
 * The loop: owns the one mutable state, and has the controller's orders carried out.
 *
 *   send(event) ──▶ inbox ──▶ step(state, event, now) ──▶ state
 *        ▲                            │ effects
 *        │ answer                     ├─ report ──▶ report(event)
 *        ├──────────── lane ◀─────────┼─ check, validate, stop, spawn, await-ready, adopt
 *        └──────────── timer ◀────────┴─ wake-at
 */
import type { Effect } from '../core/controller/effect.ts';
import type { ControllerEvent } from '../core/controller/event.ts';
import type { ControllerState, Life } from '../core/controller/state.ts';
import { step } from '../core/controller/step.ts';
import type { Report } from '../core/event.ts';
import type { Clock } from '../io/clock.ts';
import { carryOut, isInterruptible, type Order, type StackActions } from './actions.ts';
import { createLane } from './lane.ts';

export type { StackActions } from './actions.ts';

export interface Loop {
  /** The only writer of the state. May be called from anywhere, also from within `report`. */
  readonly send: (event: ControllerEvent) => void;
  state(): ControllerState;
  /** Resolves when the state is at rest (idle, config-bad, backoff, suspended, paused, off) and nothing is in flight. */
  settled(): Promise<void>;
  /** Ends the loop: interrupts what may be interrupted; a stop that has begun still leads to its spawn. Idempotent. Services stay. */
  close(because?: string): Promise<void>;
}

export interface LoopOptions {
  readonly initial: ControllerState;
  readonly actions: StackActions;
  readonly clock: Clock;
  readonly report: Report;
  /** The state may have changed; called once per event, after everything that it caused. */
  readonly onStep?: () => void;
}

/** A look at a small tree and its processes takes 10–20 ms; at a larger one it has at least begun. */
const aheadMs = 40;

const atRest: ReadonlySet<Life['is']> = new Set([
  'idle',
  'config-bad',
  'backoff',
  'suspended',
  'paused',
  'off',
]);

export function startLoop({ initial, actions, clock, report, onStep }: LoopOptions): Loop {
  let state = initial;
  const inbox: ControllerEvent[] = [];
  let draining = false;
  let timer: Disposable | null = null;
  let early: Disposable | null = null;
  /** Ends the interruptible work that is queued or running; replaced at each `abandon`. */
  let interruptible = new AbortController();
  let waiting: (() => void)[] = [];
  const lane = createLane(tellSettled);

  function send(event: ControllerEvent): void {
    inbox.push(event);
    if (draining) return;
    draining = true;
    try {
      for (let next = inbox.shift(); next; next = inbox.shift()) {
        if (next.type === 'hint') actions.disturbed?.();
        const { state: after, effects } = step(state, next, clock.now());
        state = after;
        for (const effect of effects) perform(effect);
      }
    } finally {
      draining = false;
    }
    onStep?.();
    tellSettled();
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'report':
        return report(effect.event);
      case 'wake-at':
        return setTimer(effect.atMs);
      case 'abandon':
        interruptible.abort();
        interruptible = new AbortController();
        return;
      case 'check':
      case 'validate':
      case 'adopt':
      case 'stop':
      case 'spawn':
      case 'await-ready':
        return order(effect.do);
    }
  }

  function order(what: Order): void {
    const { signal } = interruptible;
    const unwanted = (): boolean => signal.aborted && isInterruptible(what);
    lane.add(async () => {
      if (unwanted()) return;
      const answer = await carryOut(what, { actions, report, signal });
      if (answer && !unwanted()) send(answer);
    });
  }

  function setTimer(atMs: number | null): void {
    timer?.[Symbol.dispose]();
    early?.[Symbol.dispose]();
    timer = atMs === null ? null : clock.wakeAt(atMs, () => send({ type: 'wake', atMs }));
    // Only while settling: nobody waits for what follows the other deadlines.
    early = atMs === null || state.life.is !== 'settling' ? null : clock.wakeAt(atMs - aheadMs, anticipate);
  }

  function anticipate(): void {
    try {
      actions.anticipate?.();
    } catch {
      // The check that is due will meet the same error and report it.
    }
  }

  const isSettled = (): boolean => lane.isEmpty() && inbox.length === 0 && atRest.has(state.life.is);

  function tellSettled(): void {
    if (!isSettled()) return;
    const resolvers = waiting;
    waiting = [];
    for (const resolve of resolvers) resolve();
  }

  const settled = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    tellSettled();
    return promise;
  };

  return {
    send,
    settled,
    state: () => state,
    async close(because = 'the watcher ends') {
      send({ type: 'off', because });
      await settled();
      setTimer(null);
    },
  };
}
