/** Short ways to say a state, an event and what came of it, for the tables. */
import type { ControllerEvent, Look } from '../../../src/core/controller/event.ts';
import { initialState, type ControllerState, type Life } from '../../../src/core/controller/state.ts';
import { step } from '../../../src/core/controller/step.ts';
import type { UpkeepEvent } from '../../../src/core/event.ts';
import type { Failure } from '../../../src/core/failure.ts';

export const startMs = 1_000_000;
export const broken: Failure = { reason: 'survivors', survivors: [], ports: [] };
export const bad: Failure = {
  reason: 'stack-config-bad',
  problems: [{ file: 'devenv.nix', line: 3, column: 7, message: 'unexpected ;' }],
  untouched: true,
};
export const same: Look = { id: 'A', configId: 'c', configChanged: false, codeChanged: false, paths: [] };
export const codeB: Look = { ...same, id: 'B', codeChanged: true, paths: ['src/a.ts'] };
export const configC: Look = { ...same, id: 'C', configId: 'd', configChanged: true, paths: ['devenv.nix'] };

export const hint: ControllerEvent = { type: 'hint', paths: ['src/a.ts'], count: 1, newestMtimeMs: null };
export const found = (result: Look | 'unknown'): ControllerEvent => ({ type: 'checked', result });
export const quiet: ControllerEvent = { type: 'quiet' };
export const stopped: ControllerEvent = { type: 'stopped', ok: true };
export const spawned: ControllerEvent = { type: 'spawned', ok: true };
export const ready: ControllerEvent = { type: 'ready', ok: true };
export const valid: ControllerEvent = { type: 'validated', ok: true, fingerprintSame: false };
export const invalid: ControllerEvent = { type: 'validated', ok: false, failure: bad };
export const gitBusy = { type: 'git', busy: true, because: 'index.lock', lock: true } as const;
export const gitIdle: ControllerEvent = { type: 'git', busy: false };
export const crash: ControllerEvent = { type: 'stack', is: 'crashed', failure: broken };

/** A number moves the clock on by so many milliseconds, ringing the deadlines on the way. */
export type Told = ControllerEvent | number;

export interface Tale {
  readonly state: ControllerState;
  readonly is: Life['is'];
  /** Orders of the last event, less `wake-at` and reports. */
  readonly orders: readonly string[];
  /** All orders from the beginning. */
  readonly all: readonly string[];
  readonly events: readonly UpkeepEvent[];
  readonly deadlineMs: number | null;
}

/** What comes of telling all this, one after the other, to a watcher of a stack that is up. */
export function tell(...told: readonly Told[]): Tale {
  let state = initialState({ quietMs: 300, capMs: 8_000, idPrefix: 'r' });
  let now = startMs;
  let deadlineMs: number | null = null;
  let orders: string[] = [];
  const all: string[] = [];
  const events: UpkeepEvent[] = [];
  const send = (event: ControllerEvent): void => {
    const next = step(state, event, now);
    state = next.state;
    orders = [];
    for (const effect of next.effects) {
      if (effect.do === 'report') events.push(effect.event);
      else if (effect.do === 'wake-at') deadlineMs = effect.atMs;
      else orders.push(effect.do);
    }
    all.push(...orders);
  };
  for (const one of [{ type: 'stack', is: 'up' } as const, found(same), ...told]) {
    if (typeof one !== 'number') send(one);
    else {
      const untilMs = now + one;
      orders = [];
      while (deadlineMs !== null && deadlineMs <= untilMs) {
        now = Math.max(now, deadlineMs);
        const atMs: number = deadlineMs;
        deadlineMs = null;
        send({ type: 'wake', atMs });
      }
      now = untilMs;
    }
  }
  return { state, is: state.life.is, orders, all: all.slice(1), events, deadlineMs };
}
