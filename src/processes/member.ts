/** The vocabulary of the search: what is asked, and what a found process is. */
import type { ProcessId, ProcessRow } from '../core/process.ts';
import type { InstanceRecord } from './record.ts';

export interface Member {
  readonly row: ProcessRow;
  /** Words of core/ownership.ts, for people: why this is ours. */
  readonly evidence: readonly string[];
  /** From its environment, its record, or its nearest ancestor that knows; null for servers. */
  readonly service: string | null;
  /** The uuid in its marker or canary, else the record or the ancestor that proves it; null: nobody's of ours. */
  readonly generation: string | null;
  /** The supervisor, or a wrapper above it: ended last. */
  readonly isServer: boolean;
  /** It runs below the stack, or is recorded, as another user: waited for and reported, never signalled. */
  readonly beyond?: true;
}

export interface MemberQuery {
  readonly key: string;
  readonly root: string;
  /** Of listRecords: those of another boot or project are ignored here once more. */
  readonly records: readonly InstanceRecord[];
  /** Proved servers of this project, external ones too: their live descendants are members. */
  readonly servers: readonly ProcessId[];
  /** Is this directory of the tree this project's, and not that of a project further down? Default: it is. */
  readonly isHere?: (cwd: string) => boolean;
}

export interface MemberSearch {
  readonly members: readonly Member[];
  /** Came from the stack and left it: to be listed, never to be signalled. */
  readonly detached: readonly Member[];
  /** Below the stack or recorded, as another user (`sudo`, `gosu`): its end is waited for, it is never signalled. */
  readonly beyond: readonly Member[];
  /**
   * Look like services of this project that lost their supervisor; nothing proves it. Ended when a person names them. A look of
   * its own, at the moment of the search: it may cost as much again.
   */
  readonly strays: () => readonly Member[];
}
