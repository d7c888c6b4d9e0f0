/** The document of `status --json`, schema 1: fields are only ever added. */
import type { Manager } from './manager.ts';
import type { StackWord, Verdict } from './health.ts';
import type { Role } from './service.ts';

export type Fresh = 'fresh' | 'stale' | 'self' | 'n/a' | 'unknown';

export interface ServiceReport {
  readonly name: string;
  readonly status: string;
  /** null: it has no readiness probe. */
  readonly ready: boolean | null;
  readonly desired: 'up' | 'down';
  readonly verdict: Verdict;
  /** In words, why the verdict is what it is. */
  readonly what: string;
  readonly role: Role;
  readonly roleBecause: string;
  readonly fresh: Fresh;
  readonly pid: number | null;
  readonly restarts: number;
  /** Of the last exit; null while it runs or before it ever ended. */
  readonly exitCode: number | null;
  readonly startedAt: string | null;
  readonly ports: readonly number[];
  /** The last 20 lines, when it is not ok. */
  readonly lastLog: readonly string[];
}

export interface FreshnessReason {
  readonly axis: 'config' | 'code' | 'binary';
  readonly path: string;
  readonly service: string | null;
  readonly detail: string;
}

export interface StatusReport {
  readonly schema: 1;
  readonly root: string;
  readonly backend: 'process-compose' | 'devenv';
  readonly manager: Manager;
  readonly stack: StackWord;
  readonly desired: 'up' | 'down' | 'unknown';
  readonly healthy: boolean;
  /** A verb that was cut off: the next one that changes something finishes it. */
  readonly unfinished: { readonly verb: string; readonly at: string } | null;
  readonly instance: {
    readonly id: string | null;
    readonly owner: 'upkeep' | 'external';
    readonly pid: number;
    readonly startedAt: string | null;
    readonly endpoint: string;
    readonly version: string | null;
  } | null;
  readonly services: readonly ServiceReport[];
  readonly freshness: {
    readonly verdict: 'fresh' | 'stale' | 'unknown';
    readonly reasons: readonly FreshnessReason[];
  };
  readonly watch: WatchReport;
  readonly orphans: readonly {
    readonly pid: number;
    readonly startTime: string;
    readonly command: string;
    readonly service: string | null;
    readonly evidence: readonly string[];
  }[];
  /**
   * Look like services of this project that lost their supervisor, one per group; without proof, only `upkeep reap PID` ends
   * them. Looked for when the stack is down or not well.
   */
  readonly suspects: StatusReport['orphans'];
  /** The commands that help from here, most useful first. */
  readonly next: readonly string[];
}

export interface WatchReport {
  readonly running: boolean;
  readonly pid: number | null;
  readonly state: string;
  readonly engine: string | null;
  readonly degraded: string | null;
  readonly last: {
    readonly id: string;
    readonly cause: unknown;
    readonly outcome: string;
    readonly phases: Readonly<Record<string, number>>;
  } | null;
}
