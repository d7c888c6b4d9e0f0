/** Everything that can happen while upkeep works, as data: the live view, the journal, `--json` and the log read it. */
import type { Failure } from './failure.ts';

/** `abandoned`: newer content or a request replaced it before it ended. */
export type RestartOutcome = 'ok' | 'failed' | 'config-bad' | 'no-change' | 'abandoned';
export type Phase = 'settle' | 'validate' | 'down' | 'up' | 'ready';

/** Why a restart began. */
export interface Cause {
  readonly trigger: 'change' | 'crash' | 'retry' | 'user' | 'hook';
  /** The first five, relative to the root. */
  readonly paths: readonly string[];
  /** How many there were in all. */
  readonly count: number;
}

export type UpkeepEvent =
  | {
      readonly event: 'watch.ready';
      readonly engine: string;
      readonly inputs: number;
      readonly trees: boolean;
    }
  | { readonly event: 'change'; readonly paths: readonly string[]; readonly count: number }
  | { readonly event: 'left-out'; readonly path: string; readonly because: string }
  | { readonly event: 'git.held'; readonly because: string }
  | { readonly event: 'git.released'; readonly heldMs: number }
  | { readonly event: 'no-change'; readonly paths: readonly string[] }
  | { readonly event: 'restart.begin'; readonly restart: string; readonly cause: Cause }
  | { readonly event: 'restart.phase'; readonly restart: string; readonly name: Phase; readonly ms: number }
  | {
      readonly event: 'restart.waiting';
      readonly restart: string | null;
      readonly waitedMs: number;
      readonly services: readonly string[];
    }
  | {
      readonly event: 'restart.end';
      readonly restart: string;
      readonly outcome: RestartOutcome;
      readonly downtimeMs: number | null;
      readonly failure: Failure | null;
    }
  | {
      readonly event: 'config.bad';
      readonly file: string | null;
      readonly line: number | null;
      readonly column: number | null;
      readonly message: string;
    }
  | {
      readonly event: 'service';
      readonly name: string;
      readonly from: string;
      readonly to: string;
      readonly lastLog: readonly string[];
    }
  | {
      readonly event: 'backoff';
      readonly retryInMs: number;
      readonly failures: number;
      readonly failure: Failure;
    }
  | { readonly event: 'degraded'; readonly because: string }
  | { readonly event: 'suspended'; readonly because: string }
  | { readonly event: 'stack'; readonly is: 'up' | 'down' | 'crashed'; readonly because: string }
  /** Somebody asked for it by hand, and it was done or refused. */
  | {
      readonly event: 'verb';
      readonly verb: 'start' | 'stop' | 'restart' | 'reap';
      readonly failure: Failure | null;
    }
  | { readonly event: 'paused' }
  | { readonly event: 'resumed' }
  | { readonly event: 'stop'; readonly because: string };

export type Report = (event: UpkeepEvent) => void;
