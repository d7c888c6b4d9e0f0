/** Derives the one deadline that a state waits for, so that no transition can forget to set or clear it. */
import { holdEndsAt, settlingEndsAt, staleLockAt } from './settling.ts';
import type { ControllerState } from './state.ts';

/** Milliseconds since the epoch; null: only an event moves this state. */
export function deadlineOf(state: ControllerState, now: number): number | null {
  const { life, memory } = state;
  if (life.is === 'off') return null;
  const deadlines = [ofLife(state, now), staleLockAt(memory.git)].filter((at) => at !== null);
  return deadlines.length > 0 ? Math.min(...deadlines) : null;
}

function ofLife(state: ControllerState, now: number): number | null {
  const { life, memory } = state;
  switch (life.is) {
    case 'settling':
      return settlingEndsAt(state, life, now);
    case 'held':
      return holdEndsAt(life);
    case 'backoff':
      return life.atMs;
    case 'paused':
      return life.untilMs;
    case 'idle':
    case 'config-bad':
    case 'suspended':
      return memory.blind?.lookAtMs ?? null;
    case 'checking':
    case 'validating':
    case 'stopping':
    case 'starting':
    case 'off':
      return null;
  }
}
