/** Everything that can be sent to the controller. The answers to its own effects are at the end. */
import type { Failure } from '../failure.ts';
import type { Hint } from './dirty.ts';

/** What is on disk now against what was applied. Taken before any stop. */
export interface Look {
  readonly id: string;
  /** Id of the named inputs alone: what was validated is not validated again. */
  readonly configId: string;
  readonly configChanged: boolean;
  readonly codeChanged: boolean;
  /** The changed ones, relative to the root, sorted; the first five are shown. */
  readonly paths: readonly string[];
}

/** `unknown` is neither "same" nor "differs". */
export type CheckResult = 'unknown' | Look;

/** What the onlooker saw of the supervisor while we were not acting on it ourselves. */
export type StackSeen =
  | { readonly is: 'up' }
  /** `desired: down`: somebody stopped it. */
  | { readonly is: 'down-by-hand' }
  /** Gone while desired up. */
  | { readonly is: 'crashed'; readonly failure: Failure }
  /** Up, and its server runs on somebody's terminal: never restarted by us. */
  | { readonly is: 'on-terminal' }
  /** Another verb holds the operation lock. */
  | { readonly is: 'starting-elsewhere' };

type Answer = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

export type ControllerEvent =
  | ({ readonly type: 'hint' } & Hint)
  /** The end of a debounce outside; the controller also keeps the time itself. */
  | { readonly type: 'quiet' }
  /** Nothing changed in the trees for 3 s; the controller also keeps the time itself. */
  | { readonly type: 'trees-quiet' }
  /** The deadline asked for by the last `wake-at`, with the time it was for. */
  | { readonly type: 'wake'; readonly atMs: number }
  | { readonly type: 'git'; readonly busy: false }
  /** `lock`: it is index.lock; else a rebase or merge step. */
  | { readonly type: 'git'; readonly busy: true; readonly because: string; readonly lock: boolean }
  | ({ readonly type: 'stack' } & StackSeen)
  /** Look now. `asked`: somebody waits for the result; otherwise a timer, or events were lost. */
  | { readonly type: 'look'; readonly asked?: boolean }
  /** An explicit request: restarts whatever the content, ends a pause or a suspension, does not wait for git. */
  | { readonly type: 'restart-requested' }
  /** upkeep.yaml has changed. */
  | { readonly type: 'settings'; readonly quietMs: number; readonly capMs: number }
  /** null: until `resume`. */
  | { readonly type: 'pause'; readonly untilMs: number | null }
  | { readonly type: 'resume' }
  | { readonly type: 'off'; readonly because: string }
  | { readonly type: 'checked'; readonly result: CheckResult }
  | { readonly type: 'validated'; readonly ok: true; readonly fingerprintSame: boolean }
  | { readonly type: 'validated'; readonly ok: false; readonly failure: Failure }
  | ({ readonly type: 'stopped' } & Answer)
  | ({ readonly type: 'spawned' } & Answer)
  | ({ readonly type: 'ready' } & Answer);

/** One member of the union by its tag. */
export type Of<T extends ControllerEvent['type']> = Extract<ControllerEvent, { type: T }>;
