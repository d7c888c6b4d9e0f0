/** The moves between lives that several groups of states share. */
import type { Phase, RestartOutcome } from '../event.ts';
import type { Failure } from '../failure.ts';
import type { Dirty } from './dirty.ts';
import { report, type Effect } from './effect.ts';
import type { In, Life, Memory, Owed, ControllerState, Restart } from './state.ts';

export interface Step {
  readonly state: ControllerState;
  readonly effects: readonly Effect[];
}

export const stay = (state: ControllerState): Step => ({ state, effects: [] });

export const to = (state: ControllerState, life: Life, ...effects: readonly Effect[]): Step => ({
  state: { ...state, life },
  effects,
});

export const after = (effects: readonly Effect[], step: Step): Step => ({
  state: step.state,
  effects: [...effects, ...step.effects],
});

export const remember = (state: ControllerState, memory: Partial<Memory>): ControllerState => ({
  ...state,
  memory: { ...state.memory, ...memory },
});

/** New hints: wait for quiet, or for git. */
export function settle(state: ControllerState, dirty: Dirty, owed: Owed, now: number): Step {
  return state.memory.git ? hold(state, dirty, owed, now) : to(state, { is: 'settling', dirty, owed });
}

export function hold(state: ControllerState, dirty: Dirty | null, owed: Owed, now: number): Step {
  const because = state.memory.git?.because ?? 'git is busy';
  return to(state, { is: 'held', sinceMs: now, dirty, owed }, report({ event: 'git.held', because }));
}

export interface LookOptions {
  readonly announced?: Dirty | null;
  readonly owed?: Owed;
  readonly despiteGit?: boolean;
}

export const nothing: Owed = { is: 'nothing' };

/** Ask for the content now. */
export function look(state: ControllerState, options: LookOptions = {}): Step {
  const { announced = null, owed = nothing, despiteGit = false } = options;
  const life: Life = { is: 'checking', announced, dirty: null, owed, despiteGit, validated: null };
  const hinted = announced && announced.count > 0;
  const change = hinted ? [report({ event: 'change', paths: announced.paths, count: announced.count })] : [];
  return to(state, life, ...change, { do: 'check' });
}

/** Nothing new on disk: back to what the look interrupted. */
export function rest(state: ControllerState, owed: Owed): Step {
  switch (owed.is) {
    case 'nothing':
      return to(state, { is: 'idle' });
    case 'ready': {
      const { restart, sinceMs } = owed;
      const life: Life = {
        is: 'starting',
        waitsFor: 'ready',
        sinceMs,
        restart,
        dirty: null,
        afterwards: { is: 'look' },
      };
      return to(state, life, { do: 'await-ready' });
    }
    case 'retry':
      return to(state, { ...owed, is: 'backoff' });
    case 'restart':
      return look(state, { owed });
    case 'fix':
      return to(state, { ...owed, is: 'config-bad' });
    case 'resume':
      return to(state, { ...owed, is: 'suspended' });
  }
}

/** The way back to a life at rest, for when a look interrupts it. */
export function owedBy(life: In<'idle' | 'config-bad' | 'backoff' | 'suspended'>): Owed {
  switch (life.is) {
    case 'idle':
      return nothing;
    case 'config-bad':
      return { ...life, is: 'fix' };
    case 'backoff':
      return { ...life, is: 'retry' };
    case 'suspended':
      return { ...life, is: 'resume' };
  }
}

/** When something has ended: hints that came meanwhile go first. */
export const restOrSettle = (state: ControllerState, dirty: Dirty | null, owed: Owed, now: number): Step =>
  dirty ? settle(state, dirty, owed, now) : rest(state, owed);

export const end = (
  restart: Restart,
  outcome: RestartOutcome,
  { failure = null, downtimeMs = null }: { failure?: Failure | null; downtimeMs?: number | null } = {},
): Effect => report({ event: 'restart.end', restart: restart.id, outcome, downtimeMs, failure });

/** Gives up what is owed: an abandoned wait for readiness still needs the `restart.end` of its restart. */
export const giveUp = (owed: Owed): readonly Effect[] =>
  owed.is === 'ready' ? [end(owed.restart, 'abandoned')] : [];

export const phase = (restart: Restart, name: Phase, ms: number): Effect =>
  report({ event: 'restart.phase', restart: restart.id, name, ms });
