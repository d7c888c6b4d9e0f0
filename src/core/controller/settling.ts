/** Settling and held: decides when a hint is old enough to look at, and how long git may keep us waiting. */
import { afterHold, settledAt, type QuietRule } from './dirty.ts';
import { report } from './effect.ts';
import type { Of } from './event.ts';
import { dampedQuietMs } from './flap.ts';
import { after, hold, look, remember, settle, stay, to, type Step } from './moves.ts';
import type { ControllerState, GitBusy, In } from './state.ts';

export const holdCapMs = 120_000;
/** During a stopped rebase or a conflicted merge the user is editing: quiet trees end the hold. */
export const treesQuietMs = 3_000;
export const staleLockMs = 600_000;

export const quietRule = ({ memory, settings }: ControllerState, now: number): QuietRule => ({
  quietMs: dampedQuietMs(memory.flap, settings.quietMs, now),
  capMs: settings.capMs,
});

export const settlingEndsAt = (state: ControllerState, life: In<'settling'>, now: number): number =>
  settledAt(life.dirty, quietRule(state, now));

export const holdEndsAt = (life: In<'held'>): number =>
  Math.min(life.sinceMs + holdCapMs, Math.max(life.sinceMs, life.dirty?.lastMs ?? 0) + treesQuietMs);

export const settled = (state: ControllerState, life: In<'settling'>): Step =>
  look(state, { announced: life.dirty, owed: life.owed });

/** Go on although git is still busy. */
export const letGo = (state: ControllerState, life: In<'held'>, now: number): Step =>
  after([released(life, now)], look(state, { announced: life.dirty, owed: life.owed, despiteGit: true }));

export const staleLockAt = (git: GitBusy | null): number | null =>
  git?.lock && !git.warned ? git.sinceMs + staleLockMs : null;

export function warnOfStaleLock(state: ControllerState, git: GitBusy): Step {
  const because = `${git.because} for 10 minutes: if no git is running, remove the lock`;
  const warned = remember(state, { git: { ...git, warned: true } });
  return { state: warned, effects: [report({ event: 'degraded', because })] };
}

/** git became busy or idle. Only settling and held follow at once; a validation or a restart under way goes on. */
export function gitChanged(state: ControllerState, event: Of<'git'>, now: number): Step {
  const { git } = state.memory;
  const { life } = state;
  if (event.busy) {
    const since =
      git?.lock === event.lock
        ? { sinceMs: git.sinceMs, warned: git.warned }
        : { sinceMs: now, warned: false };
    const busy = remember(state, { git: { ...since, because: event.because, lock: event.lock } });
    return life.is === 'settling' ? hold(busy, life.dirty, life.owed, now) : stay(busy);
  }
  const free = remember(state, { git: null });
  // Permission to go on despite git was for this time only.
  if (life.is === 'checking' || life.is === 'validating') return to(free, { ...life, despiteGit: false });
  if (life.is !== 'held') return stay(free);
  const next = life.dirty
    ? settle(free, afterHold(life.dirty, now - life.sinceMs, now), life.owed, now)
    : look(free, { owed: life.owed });
  return after([released(life, now)], next);
}

const released = (life: In<'held'>, now: number) =>
  report({ event: 'git.released', heldMs: now - life.sinceMs });
