/** The vocabulary of the search for members: the question, and what a found process is. */
import type { ProcessId, ProcessRow } from '../core/process.ts';
import type { InstanceRecord } from './record.ts';

export interface Member {
  readonly row: ProcessRow;
  /** Words of core/ownership.ts, for people: why this is ours. */
  readonly evidence: readonly string[];
  /** From its environment, its record, or its nearest ancestor that knows; null for servers. */
  readonly service: string | null;
  /** The uuid in its marker or canary, else of the record or ancestor that proves it; null: none of ours. */
  readonly generation: string | null;
  /** The supervisor, or a wrapper above it: ended last. */
  readonly isServer: boolean;
  /** It belongs to the stack but runs as another user: waited for and reported, never signalled. */
  readonly beyond?: true;
}

export interface MemberQuery {
  readonly key: string;
  readonly root: string;
  /** From listRecords; those of another boot or project are ignored again here. */
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
   * Processes that look like services of this project that lost their supervisor, without proof: ended only when a person
   * names them. Looked for when called, which may cost as much as the search itself.
   */
  readonly strays: () => readonly Member[];
}
