/** The first half of a restart, which touches nothing that runs: its beginning, and the validation of what it would start. */
import { exitCode, type Failure } from '../failure.ts';
import { backOff } from './backoff.ts';
import { isCapped, merge, shownPaths, soil, type Dirty, type Hint } from './dirty.ts';
import { report, type Effect } from './effect.ts';
import type { Look, Of } from './event.ts';
import { after, end, giveUp, phase, remember, restOrSettle, settle, to, type Step } from './moves.ts';
import type { ControllerState, In, Owed, Restart } from './state.ts';

export interface Reason {
  readonly found: Look | null;
  /** null: new content. */
  readonly force: 'crash' | 'retry' | 'user' | null;
  readonly announced: Dirty | null;
}

export interface Begun {
  readonly state: ControllerState;
  readonly restart: Restart;
  readonly reports: readonly Effect[];
}

export function beginRestart(
  before: ControllerState,
  { found, force, announced }: Reason,
  now: number,
): Begun {
  const { settings, memory } = before;
  const restarts = memory.restarts + 1;
  const changed = found?.paths ?? [];
  const cause = {
    trigger: force ?? ('change' as const),
    paths: changed.slice(0, shownPaths),
    count: changed.length,
  };
  const restart = { id: `${settings.idPrefix}${restarts}`, cause, target: null, downSinceMs: null };
  const settleMs = announced ? now - announced.firstMs : 0;
  const reports = [
    report({ event: 'restart.begin', restart: restart.id, cause }),
    phase(restart, 'settle', settleMs),
  ];
  // New content or a request of the user is a new chance: the backoff starts over.
  const fresh = force === null || force === 'user' ? { failures: 0 } : {};
  return { state: remember(before, { restarts, ...fresh }), restart, reports };
}

export function validate(state: ControllerState, life: In<'checking'>, restart: Restart, now: number): Step {
  const { announced, dirty, owed, despiteGit } = life;
  const validating = { is: 'validating', sinceMs: now, restart, announced, dirty, owed, despiteGit } as const;
  return to(state, validating, { do: 'validate' });
}

/** Nothing is torn down yet, so a hint may cancel it. Under endless writes it has to run to its end. */
export function hintWhileValidating(
  state: ControllerState,
  life: In<'validating'>,
  hint: Hint,
  now: number,
): Step {
  const dirty = soil(life.dirty, hint, now);
  const all = merge(life.announced, dirty);
  if (isCapped(all, state.settings.capMs, now)) return to(state, { ...life, dirty });
  return after([{ do: 'abandon' }, end(life.restart, 'abandoned')], settle(state, all, life.owed, now));
}

export function validated(
  state: ControllerState,
  life: In<'validating'>,
  event: Of<'validated'>,
  now: number,
): Step {
  const { restart, announced, dirty, owed, despiteGit } = life;
  const reports = phase(restart, 'validate', now - life.sinceMs);
  if (event.ok) {
    // Looking again costs a tenth of a second, and makes sure that what the restart applies is what was validated.
    const known = {
      restart,
      configId: restart.target?.configId ?? null,
      fingerprintSame: event.fingerprintSame,
    };
    const checking = { is: 'checking', announced, dirty, owed, despiteGit, validated: known } as const;
    return to(state, checking, reports, { do: 'check' });
  }
  const { failure } = event;
  const over = [reports, ...giveUp(owed)];
  if (needsAnEdit(failure)) {
    const bad: Owed = { is: 'fix', failure, configId: restart.target?.configId ?? null };
    const ended = [configBad(failure), end(restart, 'config-bad', { failure })];
    return after([...over, ...ended], restOrSettle(state, dirty, bad, now));
  }
  const what = { failure, trigger: 'retry' as const, targetId: restart.target?.id ?? null };
  return after([...over, end(restart, 'failed', { failure })], backOff(state, what, dirty, now));
}

/** Only an edit can fix it; anything else that broke (a timeout, a full disk) is tried again without one. */
const needsAnEdit = ({ reason }: Failure): boolean => exitCode[reason] === 2 || exitCode[reason] === 6;

export function configBad(failure: Failure): Effect {
  const problem = 'problems' in failure ? failure.problems[0] : undefined;
  return report({
    event: 'config.bad',
    file: problem?.file ?? null,
    line: problem?.line ?? null,
    column: problem?.column ?? null,
    message: problem?.message ?? failure.reason,
  });
}
