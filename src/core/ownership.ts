/** Decides whose a process is, from facts alone: only what this calls ours or external may be signalled. */
import { isWithin } from './paths.ts';
import type { ProcessEvidence, ProcessRow } from './process.ts';

/**
 * ours      proved: a stack that upkeep started
 * external  proved: a stack of this project that somebody else started
 * detached  came from the stack and left it (a browser, a tmux server, sccache): listed, left alone
 * suspect   two hints and no proof: shown, never signalled
 * foreign   everything else, and whatever a veto strikes
 */
export type Ownership = 'ours' | 'external' | 'detached' | 'suspect' | 'foreign';
export type EvidenceWord = 'tree' | 'marker' | 'canary' | 'record' | 'group';
export type Owner = 'upkeep' | 'external';

/** One process and what is known about it; the caller gathers, this file judges. */
export interface OwnershipFacts {
  readonly row: ProcessRow;
  readonly evidence: ProcessEvidence;
  readonly project: { readonly key: string; readonly root: string };
  /** Who asks, and in which boot: a record of another boot names other processes. */
  readonly caller: {
    readonly uid: number;
    readonly bootId: string;
    readonly untouchable: ReadonlySet<number>;
  };
  /** It is a proved server, or the live descendant of one or of a proved member. */
  readonly tree: Owner | null;
  /** Recorded with this pid *and* this start time. */
  readonly record: { readonly owner: Owner; readonly bootId: string } | null;
  /** Its group is led by a proved member, or holds one that was recorded in it. */
  readonly group: Owner | null;
  /** Its session is one of the stack's servers or their direct children, or recorded; with no record: a proved one's. */
  readonly sessionOfStack: boolean;
  /** No record tells the sessions of its generation: the state directory was lost. */
  readonly unrecorded: boolean;
  /** Its live parent has our marker and no proof: a process-compose that somebody started from inside a service. */
  readonly belowUnproved?: boolean;
  /** Shares stdio with the stack, holds a recorded port, or runs a file of the tree. Expensive: asked only in doubt. */
  readonly tied: () => boolean;
}

export interface OwnershipVerdict {
  readonly is: Ownership;
  readonly evidence: readonly EvidenceWord[];
}

/** Total and pure but for `tied`, which is asked at most once. */
export function judge(facts: OwnershipFacts): OwnershipVerdict {
  if (vetoed(facts)) return { is: 'foreign', evidence: [] };
  const evidence = evidenceWords(facts);
  if (evidence.length === 0) return { is: hints(facts) >= 2 ? 'suspect' : 'foreign', evidence };
  return { is: stays(facts) ? owned(facts) : 'detached', evidence };
}

export const isProved = (verdict: OwnershipVerdict | undefined): boolean =>
  verdict?.is === 'ours' || verdict?.is === 'external';

/** A project started from inside ours inherits tree, canary and group: its own marker overrules them all. */
function vetoed({ row, evidence, project, caller }: OwnershipFacts): boolean {
  return (
    row.pid <= 1 ||
    row.uid !== caller.uid ||
    caller.untouchable.has(row.pid) ||
    (evidence.marker !== null && evidence.marker.key !== project.key)
  );
}

function evidenceWords(facts: OwnershipFacts): EvidenceWord[] {
  const words: EvidenceWord[] = [];
  if (facts.tree) words.push('tree');
  if (facts.evidence.marker) words.push('marker');
  if (facts.evidence.canary) words.push('canary');
  if (recorded(facts)) words.push('record');
  if (facts.group) words.push('group');
  return words;
}

const recorded = ({ record, caller }: OwnershipFacts): boolean => record?.bootId === caller.bootId;

/** Still part of the stack, or merely descended from it? */
function stays(facts: OwnershipFacts): boolean {
  if (recorded(facts) || facts.group) return true;
  if (facts.sessionOfStack || childOfProcessCompose(facts)) return true;
  // With a live parent in the stack, the terminal comes from `script` or a web editor, and ends with it. A terminal without
  // such a parent belongs to a person.
  if (facts.row.terminal !== 0) return facts.tree !== null;
  // A session of its own marks a browser or a daemon even while its parent lives: judged by the tree alone, it would depend on
  // the moment whether it is ended.
  return facts.tied();
}

/** process-compose makes each service lead a group in the server's session; a daemon leads a session, or neither. */
function childOfProcessCompose({ row, evidence, unrecorded, belowUnproved }: OwnershipFacts): boolean {
  if (belowUnproved) return false;
  const leadsGroupOnly = row.pid === row.group && row.pid !== row.session && row.terminal === 0;
  return unrecorded && leadsGroupOnly && evidence.marker !== null && evidence.service !== null;
}

function owned(facts: OwnershipFacts): 'ours' | 'external' {
  const marked = facts.evidence.marker !== null || facts.evidence.canary !== null;
  const owners = [facts.tree, facts.group, recorded(facts) ? facts.record?.owner : null];
  return marked || owners.includes('upkeep') ? 'ours' : 'external';
}

/** Editors, shells and agents share one of these with a service; none of them is ever proof. */
function hints({ evidence, project }: OwnershipFacts): number {
  return [
    evidence.service !== null,
    isWithin(project.root, evidence.cwd),
    isWithin(project.root, evidence.exe),
  ].filter(Boolean).length;
}
