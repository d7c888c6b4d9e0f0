/** Decides what follows a failure: a pause of 1, 2, 4 … 60 s, then another try. */
import type { Failure } from '../failure.ts';
import type { Dirty } from './dirty.ts';
import { report, type Effect } from './effect.ts';
import { after, look, remember, restOrSettle, type Step } from './moves.ts';
import type { Backoff, ControllerState, In, Memory } from './state.ts';

const longestMs = 60_000;

/** After the stack was ready for this long, failures are counted from 1 again. */
const stableMs = 60_000;

export const delayMs = (failures: number): number => Math.min(longestMs, 1_000 * 2 ** (failures - 1));

function failuresNow({ readySinceMs, failures }: Memory, now: number): number {
  return readySinceMs !== null && now - readySinceMs >= stableMs ? 1 : failures + 1;
}

export interface Failed {
  readonly failure: Failure;
  readonly trigger: Backoff['trigger'];
  readonly targetId: string | null;
}

/** Counts a failure and plans the retry. The caller chooses the life: backoff, or the retry owed behind something else. */
export function failed(
  state: ControllerState,
  what: Failed,
  now: number,
): { state: ControllerState; backoff: Backoff } {
  const failures = failuresNow(state.memory, now);
  const backoff = { ...what, atMs: now + delayMs(failures) };
  return { state: remember(state, { failures, readySinceMs: null }), backoff };
}

/** To backoff; or, if hints are waiting, to their look with the retry owed. */
export function backOff(state: ControllerState, what: Failed, dirty: Dirty | null, now: number): Step {
  const { state: counted, backoff } = failed(state, what, now);
  const announced = announce(counted, backoff, now);
  return after([announced], restOrSettle(counted, dirty, { is: 'retry', ...backoff }, now));
}

export const announce = (
  { memory: { failures } }: ControllerState,
  { atMs, failure }: Backoff,
  now: number,
): Effect => report({ event: 'backoff', retryInMs: atMs - now, failures, failure });

export const backoffIsOver = (state: ControllerState, life: In<'backoff'>): Step =>
  look(state, { owed: { is: 'restart', trigger: life.trigger } });
