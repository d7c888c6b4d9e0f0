/** Decides what follows a request to the watcher: look, restart, pause, resume, off. */
import { merge, unannounced } from './dirty.ts';
import { report } from './effect.ts';
import type { Of } from './event.ts';
import { forgiven } from './flap.ts';
import { after, end, giveUp, look, owedBy, remember, stay, to, type Step } from './moves.ts';
import type { ControllerState, Owed } from './state.ts';

export function lookNow(before: ControllerState, { asked }: Of<'look'>, now: number): Step {
  const { life, memory } = before;
  const state = asked ? remember(before, { flap: forgiven(memory.flap) }) : before;
  switch (life.is) {
    case 'idle':
    case 'config-bad':
    case 'backoff':
    case 'suspended':
      return look(state, { owed: owedBy(life) });
    case 'settling':
      return look(state, { announced: life.dirty, owed: life.owed });
    case 'checking':
      // The look under way may already have passed the file.
      return to(state, { ...life, dirty: life.dirty ?? unannounced(now) });
    // Held and paused look when they are over; a restart looks before its stop and after its end.
    case 'held':
    case 'paused':
    case 'validating':
    case 'stopping':
    case 'starting':
    case 'off':
      return stay(state);
  }
}

const restartOwed: Owed = { is: 'restart', trigger: 'user' };

export function restartRequested(state: ControllerState): Step {
  const { life } = state;
  const options = { owed: restartOwed, despiteGit: true };
  switch (life.is) {
    case 'idle':
    case 'config-bad':
    case 'backoff':
    case 'suspended':
      return look(state, options);
    case 'settling':
    case 'held':
      return after(giveUp(life.owed), look(state, { ...options, announced: life.dirty }));
    case 'paused':
      return after(
        [...giveUp(life.owed), report({ event: 'resumed' })],
        look(state, { ...options, announced: life.dirty }),
      );
    case 'checking':
    case 'validating':
      return to(state, { ...life, ...options }, ...giveUp(life.owed));
    case 'starting':
      if (life.waitsFor === 'spawn') return stay(state);
      return after(
        [{ do: 'abandon' }, end(life.restart, 'abandoned')],
        look(state, { ...options, announced: life.dirty }),
      );
    // A restart is already under way.
    case 'stopping':
    case 'off':
      return stay(state);
  }
}

export function pause(state: ControllerState, { untilMs }: Of<'pause'>): Step {
  const { life } = state;
  if (life.is === 'off') return stay(state);
  const reports = report({ event: 'paused' });
  switch (life.is) {
    case 'idle':
    case 'config-bad':
    case 'backoff':
    case 'suspended':
      return to(state, { is: 'paused', untilMs, dirty: null, owed: owedBy(life) }, reports);
    case 'settling':
    case 'held':
      return to(state, { is: 'paused', untilMs, dirty: life.dirty, owed: life.owed }, reports);
    case 'checking': {
      const ended = life.validated ? [end(life.validated.restart, 'abandoned')] : [];
      const dirty = merge(life.announced, life.dirty);
      return to(
        state,
        { is: 'paused', untilMs, dirty, owed: life.owed },
        { do: 'abandon' },
        ...ended,
        reports,
      );
    }
    case 'validating': {
      const dirty = merge(life.announced, life.dirty);
      const ended = end(life.restart, 'abandoned');
      return to(state, { is: 'paused', untilMs, dirty, owed: life.owed }, { do: 'abandon' }, ended, reports);
    }
    case 'stopping':
    case 'starting':
      return to(state, { ...life, afterwards: { is: 'pause', untilMs } }, reports);
    case 'paused':
      return to(state, { ...life, untilMs }, reports);
  }
}

export function resume(state: ControllerState): Step {
  const { life } = state;
  const reports = report({ event: 'resumed' });
  switch (life.is) {
    case 'paused':
      return after([reports], look(state, { announced: life.dirty, owed: life.owed }));
    case 'suspended':
      return after([reports], look(state));
    case 'stopping':
    case 'starting':
      if (life.afterwards.is !== 'pause') return stay(state);
      return to(state, { ...life, afterwards: { is: 'look' } }, reports);
    case 'idle':
    case 'settling':
    case 'held':
    case 'checking':
    case 'validating':
    case 'config-bad':
    case 'backoff':
    case 'off':
      return stay(state);
  }
}

/** The end of the watcher. A stop that has begun still leads to its spawn; services stay. */
export function off(state: ControllerState, { because }: Of<'off'>): Step {
  const { life } = state;
  const reports = report({ event: 'stop', because });
  switch (life.is) {
    case 'off':
      return stay(state);
    case 'stopping':
      return to(state, { ...life, afterwards: { is: 'off' } }, reports);
    case 'starting':
      if (life.waitsFor === 'spawn') return to(state, { ...life, afterwards: { is: 'off' } }, reports);
      return to(state, { is: 'off' }, { do: 'abandon' }, end(life.restart, 'abandoned'), reports);
    case 'validating':
      return to(
        state,
        { is: 'off' },
        { do: 'abandon' },
        end(life.restart, 'abandoned'),
        ...giveUp(life.owed),
        reports,
      );
    case 'checking': {
      const ended = life.validated ? [end(life.validated.restart, 'abandoned')] : [];
      return to(state, { is: 'off' }, { do: 'abandon' }, ...ended, ...giveUp(life.owed), reports);
    }
    case 'settling':
    case 'held':
    case 'paused':
      return to(state, { is: 'off' }, ...giveUp(life.owed), reports);
    case 'idle':
    case 'config-bad':
    case 'backoff':
    case 'suspended':
      return to(state, { is: 'off' }, reports);
  }
}
