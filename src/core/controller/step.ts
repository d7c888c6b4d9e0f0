/**
 * The watcher's decisions: one pure function of the state, an event and the time.
 *
 *  idle ──hint──▶ settling ──quiet or cap──▶ checking ──same──▶ what was owed: idle, config-bad, backoff, a wait
 *    ▲              │ ▲ git busy / git idle    │ ▲  │ differs, or a restart is owed
 *    │              ▼ │    or 3 s, 120 s       │ │  ├─ configuration untouched, or validated as it is ─────────┐
 *    │             held ──────────────────────▶│ │  ▼                                                          ▼
 *    │                                         │ └─ validating ── bad ─▶ config-bad ── hint ─▶ settling    stopping
 *    │                ok, same fingerprint,    │    hint ─▶ settling                                          │ down verified
 *    ├──────────────── no code change: adopt ──┘                                                              ▼
 *    └──────────────── checking ◀── ready ── starting: wait ◀── spawned, nothing new ── starting: spawn ◀─────┘
 *                      settling ◀── hint ─────────┘   settling ◀── spawned, dirty ─────────┘
 *  any failure, a crash ─▶ backoff ── 1, 2, 4 … 60 s ─▶ checking         flapping ─▶ suspended ── resume ─▶ checking
 *  user ─▶ paused ── resume ─▶ checking                                  the watcher's end ─▶ off
 */
import { backoffIsOver } from './backoff.ts';
import { checked } from './checking.ts';
import { deadlineOf } from './deadline.ts';
import { soil, type Hint } from './dirty.ts';
import type { ControllerEvent } from './event.ts';
import { look, owedBy, settle, stay, to, type Step } from './moves.ts';
import { stackSeen } from './onlooker.ts';
import { hintWhileStarting, ready, spawned, stopped } from './restarting.ts';
import {
  gitChanged,
  holdEndsAt,
  letGo,
  settled,
  settlingEndsAt,
  staleLockAt,
  warnOfStaleLock,
} from './settling.ts';
import type { ControllerState } from './state.ts';
import { lookNow, off, pause, restartRequested, resume } from './user.ts';
import { hintWhileValidating, validated } from './validating.ts';

/**
 * `now`: milliseconds since the epoch. An answer that no life waits for changes nothing. The effects are to be run in
 * order; `wake-at` is among them whenever the deadline changed.
 */
export function step(state: ControllerState, event: ControllerEvent, now: number): Step {
  const next = react(state, event, now);
  const atMs = deadlineOf(next.state, now);
  // After `wake` the timer has fired: even an equal deadline has to be set again.
  if (atMs === deadlineOf(state, now) && event.type !== 'wake') return next;
  return { state: next.state, effects: [...next.effects, { do: 'wake-at', atMs }] };
}

function react(state: ControllerState, event: ControllerEvent, now: number): Step {
  const { life } = state;
  switch (event.type) {
    case 'hint':
      return hinted(state, event, now);
    case 'quiet':
      return life.is === 'settling' ? settled(state, life) : stay(state);
    case 'trees-quiet':
      return life.is === 'held' ? letGo(state, life, now) : stay(state);
    case 'wake':
      // The timer measured elapsed time: even if the clock was set back meanwhile, the deadline is met.
      return woken(state, Math.max(now, event.atMs), now);
    case 'git':
      return gitChanged(state, event, now);
    case 'stack':
      return stackSeen(state, event, now);
    case 'look':
      return lookNow(state, event, now);
    case 'restart-requested':
      return restartRequested(state);
    case 'settings':
      return stay({ ...state, settings: { ...state.settings, quietMs: event.quietMs, capMs: event.capMs } });
    case 'pause':
      return pause(state, event);
    case 'resume':
      return resume(state);
    case 'off':
      return off(state, event);
    case 'checked':
      return life.is === 'checking' ? checked(state, life, event.result, now) : stay(state);
    case 'validated':
      return life.is === 'validating' ? validated(state, life, event, now) : stay(state);
    case 'stopped':
      return life.is === 'stopping' ? stopped(state, life, event, now) : stay(state);
    case 'spawned':
      return life.is === 'starting' && life.waitsFor === 'spawn'
        ? spawned(state, life, event, now)
        : stay(state);
    case 'ready':
      return life.is === 'starting' && life.waitsFor === 'ready'
        ? ready(state, life, event, now)
        : stay(state);
  }
}

function hinted(state: ControllerState, hint: Hint, now: number): Step {
  const { life } = state;
  switch (life.is) {
    case 'idle':
    case 'config-bad':
    case 'backoff':
    case 'suspended':
      return settle(state, soil(null, hint, now), owedBy(life), now);
    case 'validating':
      return hintWhileValidating(state, life, hint, now);
    case 'starting':
      return hintWhileStarting(state, life, hint, now);
    case 'settling':
      return to(state, { ...life, dirty: soil(life.dirty, hint, now) });
    case 'held':
    case 'checking':
    case 'stopping':
    case 'paused':
      return to(state, { ...life, dirty: soil(life.dirty, hint, now) });
    case 'off':
      return stay(state);
  }
}

/** `reached`: the deadline of the timer, or now if that is later. */
function woken(state: ControllerState, reached: number, now: number): Step {
  const { life, memory } = state;
  const warnAt = staleLockAt(memory.git);
  if (memory.git && warnAt !== null && warnAt <= reached && life.is !== 'off')
    return warnOfStaleLock(state, memory.git);
  switch (life.is) {
    case 'settling':
      return settlingEndsAt(state, life, now) <= reached ? settled(state, life) : stay(state);
    case 'held':
      return holdEndsAt(life) <= reached ? letGo(state, life, now) : stay(state);
    case 'backoff':
      return life.atMs <= reached ? backoffIsOver(state, life) : stay(state);
    case 'paused':
      return life.untilMs !== null && life.untilMs <= reached ? resume(state) : stay(state);
    case 'idle':
    case 'config-bad':
    case 'suspended':
      return memory.blind && memory.blind.lookAtMs <= reached
        ? look(state, { owed: owedBy(life) })
        : stay(state);
    case 'checking':
    case 'validating':
    case 'stopping':
    case 'starting':
    case 'off':
      return stay(state);
  }
}
