/** Decides what follows what others did to the stack: a crash is repaired, a stop is respected, a start is looked at. */
import type { Failure } from '../failure.ts';
import { announce, backOff, failed } from './backoff.ts';
import { unannounced } from './dirty.ts';
import type { Of } from './event.ts';
import {
  after,
  end,
  giveUp,
  look,
  nothing,
  owedBy,
  remember,
  restOrSettle,
  stay,
  to,
  type Step,
} from './moves.ts';
import { brokeOff } from './restarting.ts';
import type { ControllerState, In, Owed } from './state.ts';
import { lookNow } from './user.ts';

export function stackSeen(before: ControllerState, event: Of<'stack'>, now: number): Step {
  const { life, memory } = before;
  // Between our stop and our spawn the onlooker sees what we do ourselves.
  if (life.is === 'off' || life.is === 'stopping' || (life.is === 'starting' && life.waitsFor === 'spawn')) {
    return stay(before);
  }
  const known = event.is === memory.stack;
  const state = remember(before, { stack: event.is });
  switch (event.is) {
    case 'crashed':
      return known || memory.stack === 'down-by-us' ? stay(before) : crashed(state, event.failure, now);
    case 'up':
    case 'on-terminal':
      // Even if `up` is known, this is another server than before: look at what it runs.
      return known ? lookNow(state, { type: 'look', asked: false }, now) : broughtUp(state, now);
    case 'down-by-hand':
    case 'starting-elsewhere':
      return known ? stay(before) : takenOver(state, now);
  }
}

function crashed(state: ControllerState, failure: Failure, now: number): Step {
  const { life } = state;
  const what = { failure, trigger: 'crash' as const, targetId: null };
  switch (life.is) {
    case 'idle':
    case 'config-bad':
      return backOff(state, what, null, now);
    case 'starting':
      return after([{ do: 'abandon' }], brokeOff(state, life, failure, now, 'crash'));
    case 'settling':
    case 'held':
    case 'checking': {
      if (life.owed.is === 'restart' || life.owed.is === 'retry') return stay(state);
      const { state: counted, backoff } = failed(state, what, now);
      const events = [...giveUp(life.owed), announce(counted, backoff, now)];
      return to(counted, { ...life, owed: { is: 'retry', ...backoff } }, ...events);
    }
    case 'paused':
      return to(state, { ...life, owed: withoutWait(life.owed) }, ...giveUp(life.owed));
    // All of these will bring it back, or were asked to do nothing.
    case 'validating':
    case 'stopping':
    case 'backoff':
    case 'suspended':
    case 'off':
      return stay(state);
  }
}

function broughtUp(state: ControllerState, now: number): Step {
  const { life } = state;
  const owed = 'owed' in life && life.owed.is !== 'retry' ? life.owed : nothing;
  switch (life.is) {
    case 'idle':
    case 'backoff':
    case 'suspended':
      return look(state);
    case 'config-bad':
      return look(state, { owed: owedBy(life) });
    case 'settling':
    case 'held':
    case 'paused':
      return to(state, { ...life, owed });
    case 'checking':
      // The look under way may have compared with what ran before.
      return to(state, { ...life, owed, dirty: life.dirty ?? unannounced(now) });
    case 'validating':
    case 'stopping':
    case 'starting':
    case 'off':
      return stay(state);
  }
}

/** Somebody stopped it or is working on it: whatever we still owed is given up. */
function takenOver(state: ControllerState, now: number): Step {
  const { life } = state;
  switch (life.is) {
    case 'backoff':
      return to(state, { is: 'idle' });
    case 'settling':
    case 'held':
    case 'checking':
    case 'paused':
      return to(state, { ...life, owed: withoutRestart(life.owed) }, ...giveUp(life.owed));
    case 'validating': {
      const over = [{ do: 'abandon' } as const, end(life.restart, 'abandoned'), ...giveUp(life.owed)];
      return after(over, restOrSettle(state, life.dirty, withoutRestart(life.owed), now));
    }
    case 'starting':
      return after([{ do: 'abandon' }, end(life.restart, 'abandoned')], leaveWait(state, life));
    case 'idle':
    case 'config-bad':
    case 'suspended':
    case 'stopping':
    case 'off':
      return stay(state);
  }
}

function leaveWait(state: ControllerState, { afterwards, dirty }: In<'starting'>): Step {
  if (afterwards.is === 'off') return to(state, { is: 'off' });
  if (afterwards.is === 'look') return to(state, { is: 'idle' });
  return to(state, { is: 'paused', untilMs: afterwards.untilMs, dirty, owed: nothing });
}

const withoutWait = (owed: Owed): Owed => (owed.is === 'ready' ? nothing : owed);

const withoutRestart = (owed: Owed): Owed => (owed.is === 'fix' || owed.is === 'resume' ? owed : nothing);
