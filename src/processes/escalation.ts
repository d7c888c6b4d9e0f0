/** Takes every member from asked to gone, each on its own clock: a slow service does not delay the KILL of another. */
import { processKey } from '../core/process.ts';
import type { Member } from './member.ts';
import type { SignalOutcome } from './signal.ts';
import { signalProcess } from './signal.ts';
import { waitGone } from './wait-gone.ts';

/** What was sent to which process, and what proved it ours. */
export interface SentSignal {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
  readonly service: string | null;
  readonly evidence: readonly string[];
  readonly signal: NodeJS.Signals;
  readonly outcome: SignalOutcome;
}

export interface Escalation {
  readonly find: () => readonly Member[];
  /** From TERM to KILL. */
  readonly graceMs: number;
  /** A service's own shutdown setting; default: graceMs for each. */
  readonly budgetMs?: (member: Member) => number;
  /** The signal that asks it to end; default TERM. PostgreSQL, for one, wants INT. */
  readonly signalFor?: (member: Member) => NodeJS.Signals;
  /**
   * When somebody else asked it to end, by performance.now(): it gets its budget. null: nobody did, or nobody will any more,
   * so it is asked from here. Called at each look.
   */
  readonly askedAt?: (member: Member) => number | null;
  /** How long one round of KILL may take; default 1500. */
  readonly killGraceMs?: number;
  /** Aborts the waiting: KILL follows at once. */
  readonly hasten?: AbortSignal;
  readonly onSignal: (sent: SentSignal) => void;
}

/** What has happened to one process so far. */
interface Course {
  /** When it was first seen. */
  readonly since: number;
  termed: boolean;
  woken: boolean;
  kills: number;
  killedAt: number;
  /** Nothing more can be done. */
  stuck: boolean;
}

/** One round is usually enough; forks that race with the scan take another. */
const killRounds = 5;
/** The time a service gets after TERM from us, if it was asked before and did not end. */
const secondGraceMs = 2_000;

/**
 * Resolves when every member is gone or beyond reach, with the keys of the latter (see processKey).
 *
 *  asked elsewhere ─ budget ─▶ TERM, CONT ─ budget (at most 2 s when it was asked before) ─▶ KILL × 5 ─▶ stuck
 *
 * The clock runs per service: what a service forks after its time gets no time of its own, or a fork storm would never end.
 */
export async function escalate(options: Escalation): Promise<ReadonlySet<string>> {
  const { hasten } = options;
  const courses = new Map<string, Course>();
  const deadlines = new Map<string | null, number>();

  const send = ({ row, service, evidence }: Member, signal: NodeJS.Signals): SignalOutcome => {
    const { pid, startTime, command } = row;
    const outcome = signalProcess({ pid, startTime }, signal);
    options.onSignal({ pid, startTime, command, service, evidence, signal, outcome });
    return outcome;
  };
  const budgetOf = (member: Member): number => options.budgetMs?.(member) ?? options.graceMs;

  /** One look at one member: at most one step further. */
  const advance = (member: Member, now: number): void => {
    const course = courseOf(courses, member, now);
    const budgetMs = budgetOf(member);
    const asked = options.askedAt?.(member) ?? null;
    // A stopped process cannot act on a signal before it is continued.
    if (member.row.state === 'T' && !course.woken) {
      course.woken = true;
      send(member, 'SIGCONT');
    }
    if (member.beyond) {
      course.stuck = now - (asked ?? course.since) >= budgetMs || hasten?.aborted === true;
      return;
    }
    if (asked !== null && now - asked < budgetMs && !hasten?.aborted) return;
    if (!deadlines.has(member.service)) {
      const graceMs = asked === null ? budgetMs : Math.min(budgetMs, secondGraceMs);
      deadlines.set(member.service, now + graceMs);
    }
    if (!course.termed) {
      course.termed = true;
      send(member, options.signalFor?.(member) ?? 'SIGTERM');
      send(member, 'SIGCONT');
    }
    if (now < (deadlines.get(member.service) ?? 0) && !hasten?.aborted) return;
    kill(member, course, now);
  };
  const kill = (member: Member, course: Course, now: number): void => {
    if (course.kills > 0 && now - course.killedAt < (options.killGraceMs ?? 1_500)) return;
    if (course.kills === killRounds) {
      course.stuck = true;
      return;
    }
    course.kills += 1;
    course.killedAt = now;
    if (send(member, 'SIGKILL') === 'refused') course.stuck = true;
  };
  const look = (): readonly Member[] => {
    const now = performance.now();
    const members = options.find();
    for (const member of members) advance(member, now);
    return members.filter((member) => !courses.get(processKey(member.row))?.stuck);
  };

  await waitGone(look, Number.POSITIVE_INFINITY, hasten);
  if (hasten?.aborted) await waitGone(look, Number.POSITIVE_INFINITY);
  return new Set([...courses].filter(([, course]) => course.stuck).map(([key]) => key));
}

function courseOf(courses: Map<string, Course>, member: Member, now: number): Course {
  const key = processKey(member.row);
  const known = courses.get(key);
  if (known) return known;
  const course = { since: now, termed: false, woken: false, kills: 0, killedAt: 0, stuck: false };
  courses.set(key, course);
  return course;
}
