/** Every failure that upkeep foresees: a kebab-case reason and only its own fields. */
import type { PortReport } from './port-report.ts';
import type { PortHolder, ServiceTrouble, Survivor } from './trouble.ts';

/** Where in a file a problem is. Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ConfigProblem extends Position {
  readonly message: string;
  /** What was expected there, or the line to write. */
  readonly hint?: string;
}

export type Failure =
  | { readonly reason: 'usage'; readonly message: string; readonly hint?: string }
  | { readonly reason: 'no-project'; readonly from: string }
  | { readonly reason: 'settings-invalid'; readonly problems: readonly ConfigProblem[] }
  | {
      readonly reason: 'unknown-service';
      readonly names: readonly string[];
      readonly known: readonly string[];
    }
  | {
      readonly reason: 'stack-config-bad';
      readonly problems: readonly ConfigProblem[];
      readonly untouched: boolean;
      /** It evaluates, and is refused when it is started. */
      readonly starts?: false;
    }
  | {
      readonly reason: 'binary-missing';
      readonly program: string;
      readonly tried: readonly string[];
      readonly detail: string;
    }
  | {
      readonly reason: 'command-failed';
      readonly argv: readonly string[];
      readonly exitCode: number | null;
      readonly stderr: string;
    }
  | { readonly reason: 'command-timeout'; readonly argv: readonly string[]; readonly timeoutMs: number }
  /** Not for the words of a file: another try may succeed. */
  | {
      readonly reason: 'evaluation-broke';
      readonly command: string;
      readonly message: string;
      readonly advice: string;
    }
  | { readonly reason: 'git-failed'; readonly root: string; readonly message: string }
  | { readonly reason: 'state-unwritable'; readonly path: string; readonly code: string }
  | {
      readonly reason: 'record-invalid';
      readonly path: string;
      readonly problem: 'corrupt' | 'empty' | 'newer' | 'foreign-boot';
      readonly detail: string;
    }
  | { readonly reason: 'descriptor-limit'; readonly limit: number; readonly needed: number }
  | { readonly reason: 'root-vanished'; readonly root: string }
  | { readonly reason: 'socket-path-too-long'; readonly path: string; readonly limit: number }
  | { readonly reason: 'socket-directory-unsafe'; readonly path: string; readonly detail: string }
  | { readonly reason: 'endpoint-absent'; readonly endpoint: string }
  | { readonly reason: 'endpoint-refused'; readonly endpoint: string }
  | { readonly reason: 'endpoint-closed'; readonly endpoint: string; readonly detail: string }
  | { readonly reason: 'endpoint-timeout'; readonly endpoint: string; readonly timeoutMs: number }
  | { readonly reason: 'endpoint-unauthorised'; readonly endpoint: string }
  | { readonly reason: 'endpoint-garbage'; readonly endpoint: string; readonly detail: string }
  | {
      readonly reason: 'endpoint-rejected';
      readonly endpoint: string;
      readonly status: number;
      readonly message: string;
    }
  | {
      readonly reason: 'instance-foreign';
      readonly endpoint: string;
      readonly pid: number | null;
      readonly cwd: string | null;
      readonly command: string | null;
      /** It is the project's own: somebody else started it in the same moment. */
      readonly inProject?: boolean;
    }
  /** Two supervisors of this project took the same socket; `pid` is the other one. */
  | { readonly reason: 'two-servers'; readonly endpoint: string; readonly pid: number }
  | {
      readonly reason: 'port-taken';
      readonly holders: readonly PortHolder[];
      /** The same in more words: what `upkeep port` says. */
      readonly reports?: readonly PortReport[];
    }
  | {
      readonly reason: 'inside-stack';
      readonly service: string | null;
      readonly pid: number;
      readonly command: string;
    }
  | { readonly reason: 'not-running' }
  | { readonly reason: 'stopped-meanwhile' }
  | { readonly reason: 'no-terminal'; readonly verb: string }
  | { readonly reason: 'lock-timeout'; readonly holder: string; readonly timeoutMs: number }
  | {
      readonly reason: 'server-exited';
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly log: readonly string[];
    }
  | {
      readonly reason: 'not-ready';
      readonly services: readonly ServiceTrouble[];
      readonly waitedMs: number;
      /** `budget`: no sign of life within ready.timeout; `cap`: there were some, up to ready.cap. */
      readonly why: 'failed' | 'budget' | 'cap';
    }
  /** It lives, and what it listened on is gone: a socket file that somebody removed. */
  | { readonly reason: 'server-unreachable'; readonly endpoint: string; readonly pid: number }
  | { readonly reason: 'old-generation-alive'; readonly survivors: readonly Survivor[] }
  | {
      readonly reason: 'timeout';
      readonly doing: string;
      readonly timeoutMs: number;
      readonly services: readonly ServiceTrouble[];
    }
  | {
      readonly reason: 'survivors';
      readonly survivors: readonly Survivor[];
      readonly ports: readonly PortHolder[];
    }
  | { readonly reason: 'wrong-user'; readonly root: string; readonly owner: string }
  | { readonly reason: 'not-implemented'; readonly what: string; readonly instead: string }
  | { readonly reason: 'superseded' }
  /** `left`: what is true of the stack now; absent where nothing was about to change. */
  | { readonly reason: 'interrupted'; readonly left?: 'untouched' | 'down' | 'starting' }
  | { readonly reason: 'unexpected'; readonly message: string; readonly stack: string };

export type FailureReason = Failure['reason'];

/** There is no room: what cannot be written now can be later, by the same user at the same place. */
export const isDiskFull = (failure: Failure): boolean =>
  failure.reason === 'state-unwritable' && /^(?:ENOSPC|EDQUOT)$/.test(failure.code);

/** The one table of exit codes (README.md explains them); a new reason does not compile without its line here. */
export const exitCode = {
  usage: 2,
  'no-project': 2,
  'settings-invalid': 2,
  'unknown-service': 2,
  'stack-config-bad': 6,
  'binary-missing': 1,
  'command-failed': 1,
  'command-timeout': 1,
  'evaluation-broke': 1,
  'git-failed': 1,
  'state-unwritable': 1,
  'record-invalid': 1,
  'descriptor-limit': 1,
  'root-vanished': 1,
  'socket-path-too-long': 1,
  'socket-directory-unsafe': 4,
  'endpoint-absent': 3,
  'endpoint-refused': 3,
  'endpoint-closed': 1,
  'endpoint-timeout': 1,
  'endpoint-unauthorised': 4,
  'endpoint-garbage': 4,
  'endpoint-rejected': 1,
  'instance-foreign': 4,
  'two-servers': 4,
  'port-taken': 4,
  'inside-stack': 4,
  'not-running': 3,
  'stopped-meanwhile': 3,
  'no-terminal': 2,
  'lock-timeout': 7,
  'server-exited': 1,
  'server-unreachable': 1,
  'not-ready': 1,
  'old-generation-alive': 5,
  timeout: 7,
  survivors: 5,
  'wrong-user': 4,
  'not-implemented': 2,
  superseded: 1,
  interrupted: 130,
  unexpected: 1,
} as const satisfies Record<FailureReason, number>;
