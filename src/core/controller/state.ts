/** What the controller is in the middle of (life), and what stays true across lives (memory). */
import type { Cause } from '../event.ts';
import type { Failure } from '../failure.ts';
import type { Dirty } from './dirty.ts';
import type { StackSeen } from './event.ts';
import type { FlapRecord } from './flap.ts';

/** One restart from its decision to its end. */
export interface Restart {
  readonly id: string;
  readonly cause: Cause;
  /** Content that it is to bring up, taken before the stop; null: unknown (a crash while git fails). */
  readonly target: Target | null;
  /** When the stop began; null before. */
  readonly downSinceMs: number | null;
}

export interface Target {
  readonly id: string;
  readonly configId: string;
}

/** What is still to be done if the next look finds no new content. */
export type Owed =
  | { readonly is: 'nothing' }
  /** The wait for readiness that new hints interrupted. */
  | { readonly is: 'ready'; readonly restart: Restart; readonly sinceMs: number }
  /** A backoff that new hints interrupted. */
  | ({ readonly is: 'retry' } & Backoff)
  /** A restart whatever the content is. */
  | { readonly is: 'restart'; readonly trigger: 'crash' | 'retry' | 'user' }
  /** The configuration is bad until it changes. */
  | ({ readonly is: 'fix' } & ConfigBad)
  /** The circuit breaker is open until the configuration changes. */
  | ({ readonly is: 'resume' } & Suspended);

export interface Backoff {
  readonly atMs: number;
  readonly trigger: 'crash' | 'retry';
  readonly failure: Failure;
  /** The content that failed: the same again is nothing new. */
  readonly targetId: string | null;
}

export interface ConfigBad {
  readonly failure: Failure;
  readonly configId: string | null;
}

export interface Suspended {
  readonly because: string;
  readonly configId: string | null;
}

/** Stop and spawn cannot be interrupted: what was requested meanwhile waits for their end. */
export type Afterwards =
  | { readonly is: 'look' }
  | { readonly is: 'pause'; readonly untilMs: number | null }
  | { readonly is: 'off' };

export type Life =
  | { readonly is: 'idle' }
  | { readonly is: 'settling'; readonly dirty: Dirty; readonly owed: Owed }
  /** dirty null: a look that nothing announced found git busy. */
  | { readonly is: 'held'; readonly sinceMs: number; readonly dirty: Dirty | null; readonly owed: Owed }
  | {
      readonly is: 'checking';
      /** The hints that led here, and those that came since. */
      readonly announced: Dirty | null;
      readonly dirty: Dirty | null;
      readonly owed: Owed;
      /** git is busy, and we waited long enough for it. */
      readonly despiteGit: boolean;
      /** The look after a good validation: the content may have moved meanwhile. */
      readonly validated: Validated | null;
    }
  | {
      readonly is: 'validating';
      readonly sinceMs: number;
      readonly restart: Restart;
      readonly announced: Dirty | null;
      readonly dirty: Dirty | null;
      readonly owed: Owed;
      readonly despiteGit: boolean;
    }
  | {
      readonly is: 'stopping';
      readonly sinceMs: number;
      readonly restart: Restart;
      readonly dirty: Dirty | null;
      readonly afterwards: Afterwards;
    }
  | {
      readonly is: 'starting';
      readonly waitsFor: 'spawn' | 'ready';
      readonly sinceMs: number;
      readonly restart: Restart;
      readonly dirty: Dirty | null;
      readonly afterwards: Afterwards;
    }
  | ({ readonly is: 'config-bad' } & ConfigBad)
  | ({ readonly is: 'backoff' } & Backoff)
  | ({ readonly is: 'suspended' } & Suspended)
  | {
      readonly is: 'paused';
      readonly untilMs: number | null;
      readonly dirty: Dirty | null;
      readonly owed: Owed;
    }
  | { readonly is: 'off' };

export interface Validated {
  readonly restart: Restart;
  readonly configId: string | null;
  readonly fingerprintSame: boolean;
}

/** A life by its tag. */
export type In<T extends Life['is']> = Extract<Life, { is: T }>;

export interface GitBusy {
  readonly sinceMs: number;
  readonly because: string;
  readonly lock: boolean;
  readonly warned: boolean;
}

export interface Memory {
  readonly git: GitBusy | null;
  /** `down-by-us`: between our stop and the spawn that follows it, or after one of them failed. */
  readonly stack: StackSeen['is'] | 'down-by-us';
  /** The last look had no answer. */
  readonly blind: { readonly tries: number; readonly lookAtMs: number } | null;
  /** In a row; 0 after a stable minute or with new content. */
  readonly failures: number;
  readonly readySinceMs: number | null;
  /** Restarts begun so far: numbers their ids. */
  readonly restarts: number;
  readonly flap: FlapRecord;
  /** The content that was already reported as waiting for `upkeep restart`, because the stack runs on a terminal. */
  readonly reportedOnTerminal: string | null;
}

export interface ControllerSettings {
  readonly quietMs: number;
  readonly capMs: number;
  /** Begins every restart id, so that ids of two daemons differ. */
  readonly idPrefix: string;
}

export interface ControllerState {
  readonly life: Life;
  readonly memory: Memory;
  readonly settings: ControllerSettings;
}

/** Idle, with nothing known about git. `stack` and `look` set it going; until then the stack counts as stopped by hand. */
export const initialState = (settings: ControllerSettings): ControllerState => ({
  life: { is: 'idle' },
  memory: {
    git: null,
    stack: 'down-by-hand',
    blind: null,
    failures: 0,
    readySinceMs: null,
    restarts: 0,
    flap: { recent: [], last: null },
    reportedOnTerminal: null,
  },
  settings,
});
