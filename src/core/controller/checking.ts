/** Decides what the content that was found means for the stack. */
import { isCapped, merge, unannounced } from './dirty.ts';
import { report } from './effect.ts';
import type { CheckResult, Look } from './event.ts';
import {
  after,
  end,
  giveUp,
  hold,
  nothing,
  remember,
  rest,
  restOrSettle,
  settle,
  type Step,
} from './moves.ts';
import { stop } from './restarting.ts';
import type { ControllerState, In, Owed, Restart } from './state.ts';
import { beginRestart, validate, type Begun } from './validating.ts';

type Checking = In<'checking'>;

/** Why to restart even without new content; null: only new content is a reason. */
type Force = 'crash' | 'retry' | 'user' | null;

const longestBlindMs = 60_000;

export function checked(before: ControllerState, life: Checking, result: CheckResult, now: number): Step {
  const found = result === 'unknown' ? null : result;
  const [state, reports] = found ? [remember(before, { blind: null }), []] : blinded(before, now);
  const force = forceOf(state, life.owed);
  // A restart that is due for another reason does not wait until git works again; without content, nothing else is decided.
  const news = found ? isNews(found, life) : false;
  const step = news || force ? decide(state, life, found, force, now) : nothingNew(state, life, found, now);
  return after(reports, step);
}

/** No answer from git: look again later, and report it once. */
function blinded(
  state: ControllerState,
  now: number,
): [ControllerState, readonly ReturnType<typeof report>[]] {
  const tries = (state.memory.blind?.tries ?? 0) + 1;
  const lookAtMs = now + Math.min(longestBlindMs, 1_000 * 2 ** (tries - 1));
  const because = 'what is on disk could not be read; trying again later';
  const reports = tries === 1 ? [report({ event: 'degraded', because })] : [];
  return [remember(state, { blind: { tries, lookAtMs } }), reports];
}

function forceOf({ memory }: ControllerState, owed: Owed): Force {
  if (owed.is === 'restart') return owed.trigger;
  // An interrupted backoff keeps its pause, and an open circuit breaker stays open.
  if (owed.is === 'retry' || owed.is === 'resume') return null;
  if (memory.stack === 'down-by-us') return 'retry';
  return memory.stack === 'crashed' ? 'crash' : null;
}

const differs = (found: Look): boolean => found.configChanged || found.codeChanged;

/** Differs from what runs *and* from what was already tried and failed. */
function isNews(found: Look, { owed, announced }: Checking): boolean {
  if (!differs(found)) return false;
  switch (owed.is) {
    case 'retry':
      return found.id !== owed.targetId;
    case 'fix':
      // Saving the same bad file tries again; a periodic look does not, because an evaluation costs seconds of CPU.
      return (announced?.count ?? 0) > 0 || found.configId !== owed.configId;
    case 'resume':
      return found.configId !== owed.configId;
    case 'nothing':
    case 'ready':
    case 'restart':
      return true;
  }
}

function nothingNew(state: ControllerState, life: Checking, found: Look | null, now: number): Step {
  const { announced, validated } = life;
  const same = found !== null && !differs(found);
  const hinted = same && announced && announced.count > 0;
  const reports = hinted ? [report({ event: 'no-change', paths: announced.paths })] : [];
  const ended = validated ? [end(validated.restart, found ? 'no-change' : 'abandoned')] : [];
  return after([...reports, ...ended], restOrSettle(state, life.dirty, owedStill(life, found), now));
}

function owedStill({ owed, announced }: Checking, found: Look | null): Owed {
  if (owed.is !== 'fix') return owed;
  if (found) return differs(found) ? owed : nothing;
  // This look was for a save and failed: the next look takes whatever it finds for new.
  return announced ? { ...owed, configId: null } : owed;
}

function decide(state: ControllerState, life: Checking, found: Look | null, force: Force, now: number): Step {
  const { memory, settings } = state;
  const { validated, owed } = life;
  const ended = validated ? [end(validated.restart, 'abandoned')] : [];
  if (force !== 'user') {
    if (memory.stack === 'down-by-hand' || memory.stack === 'starting-elsewhere') {
      return after([...ended, ...giveUp(owed)], restOrSettle(state, life.dirty, nothing, now));
    }
    if (memory.stack === 'on-terminal')
      return after([...ended, ...giveUp(owed)], leaveAlone(state, life, found, now));
    const all = merge(life.announced, life.dirty);
    if (memory.git && !life.despiteGit) return after(ended, hold(state, all, owed, now));
    if (life.dirty && all && !isCapped(all, settings.capMs, now))
      return after(ended, settle(state, all, owed, now));
    // No hint announced it, so it may be half written: it gets the quiet period that a hint would have begun.
    if (life.announced === null && !force)
      return after(ended, settle(state, merge(unannounced(now), life.dirty), owed, now));
  }
  return act(state, life, found, force, now);
}

function leaveAlone(before: ControllerState, life: Checking, found: Look | null, now: number): Step {
  const id = found?.id ?? null;
  const because = 'the stack runs on a terminal and is left alone: `upkeep restart` applies the change';
  const reports = id === before.memory.reportedOnTerminal ? [] : [report({ event: 'degraded', because })];
  const state = remember(before, { reportedOnTerminal: id });
  return after(reports, restOrSettle(state, life.dirty, nothing, now));
}

function act(before: ControllerState, life: Checking, found: Look | null, force: Force, now: number): Step {
  const { validated, owed } = life;
  const covered = validated !== null && (found === null || validated.configId === found.configId);
  const touched = found === null || found.configChanged || force === 'user';
  const meansTheSame = covered && validated.fingerprintSame && found !== null && !found.codeChanged;
  if (meansTheSame && !force && before.memory.stack === 'up')
    return adopt(before, life, validated.restart, now);
  const { state, restart, reports } = goOn(before, life, found, force, now);
  const target = found ? { id: found.id, configId: found.configId } : restart.target;
  const aimed = { ...restart, target };
  const step =
    touched && !covered
      ? validate(state, life, aimed, now)
      : stop(state, { restart: aimed, owed, announced: life.announced, dirty: life.dirty, force }, now);
  return after(reports, step);
}

/** Continues with the restart that was validated, unless its change was undone, or cannot be told any more, and another reason is left. */
function goOn(state: ControllerState, life: Checking, found: Look | null, force: Force, now: number): Begun {
  const { validated, announced } = life;
  const different = found !== null && differs(found);
  if (validated && (different || validated.restart.cause.trigger !== 'change'))
    return { state, restart: validated.restart, reports: [] };
  const begun = beginRestart(state, { found, force, announced }, now);
  if (!validated) return begun;
  return { ...begun, reports: [end(validated.restart, found ? 'no-change' : 'abandoned'), ...begun.reports] };
}

/** Only a comment or the layout changed: the configuration means the same, so its content counts as applied. */
function adopt(state: ControllerState, life: Checking, restart: Restart, now: number): Step {
  // There were hints since, from endless writes under the cap: the validation may have read another text. No hurry here.
  if (life.dirty) return after([end(restart, 'abandoned')], settle(state, life.dirty, life.owed, now));
  const owed: Owed = life.owed.is === 'fix' ? nothing : life.owed;
  const step = rest(state, owed);
  return after([{ do: 'adopt' }, end(restart, 'no-change')], step);
}
