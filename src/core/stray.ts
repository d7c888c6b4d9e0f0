/** Decides which processes look like services of this project that lost their supervisor: ended only when a person names them. */
import type { ProcessRow } from './process.ts';

/**
 * service    process-compose's own variables, which it sets for what it starts and nobody else sets; or a log of devenv's manager
 * unread     its output goes into a pipe that nobody reads any more (redis and nginx overwrite their environment)
 * directory  it works in the tree of this project, and of no other project in it
 * orphan     its parent is the one that reaps orphans, in another session
 * child      below a stray, in its session
 * group      in the group of a stray
 */
export type StrayWord = 'service' | 'unread' | 'directory' | 'orphan' | 'child' | 'group';

/** About a process without proof and without a marker. */
export interface StrayFacts {
  readonly row: Pick<ProcessRow, 'pid' | 'group' | 'session'>;
  /** It has PC_PROC_NAME and PC_REPLICA_NUM. Whatever a service starts inherits them: a tmux server, an agent's shell. */
  readonly startedByProcessCompose: boolean;
  /** It writes into a log of devenv's native manager, which gives each service a session. Whatever it starts inherits that, too. */
  readonly startedByNative?: boolean;
  /** It looks for projects on disk. */
  readonly worksHere: () => boolean;
  /** Asked last: it looks at every process. */
  readonly hasUnreadOutput: () => boolean;
  /** `reaper`: init or a subreaper. `stray`: one that was found so far, in the same session. */
  readonly parent: 'reaper' | 'stray' | 'other';
  readonly leader: 'itself' | 'gone' | 'stray' | 'other';
}

/**
 * null: it is no stray. process-compose makes each service lead a group in the server's own session, so what leads a session is
 * a daemon, a browser or a tmux server, unless devenv's own manager started it; and what has a live parent belongs to that.
 */
export function strayWords(facts: StrayFacts): readonly StrayWord[] | null {
  const { row, parent, leader } = facts;
  if (row.pid === row.session && facts.startedByNative !== true) return null;
  if (parent === 'stray') return ['child'];
  if (leader === 'stray') return ['group'];
  const isHead = parent === 'reaper' && (leader === 'itself' || leader === 'gone');
  if (!isHead || !facts.worksHere()) return null;
  if (facts.startedByProcessCompose || facts.startedByNative) return ['service', 'directory', 'orphan'];
  return facts.hasUnreadOutput() ? ['unread', 'directory', 'orphan'] : null;
}
