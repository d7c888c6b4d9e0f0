/** Ends the members of a stack that did not end by themselves: services first, then the servers, each bounded. */
import { readFileSync } from 'node:fs';
import type { Survivor } from '../core/trouble.ts';
import type { Member } from './member.ts';
import type { SignalOutcome } from './signal.ts';
import { signalProcess } from './signal.ts';
import { settled, waitGone } from './wait-gone.ts';

export { waitGone } from './wait-gone.ts';

/** For the record of what was done to whom, and why. */
export interface SentSignal {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
  readonly service: string | null;
  readonly evidence: readonly string[];
  readonly signal: NodeJS.Signals;
  readonly outcome: SignalOutcome;
}

export interface EndOptions {
  /** Looked at again in every step: children are forked during a shutdown, and proofs end with their bearers. */
  readonly find: () => readonly Member[];
  /** From TERM to KILL, for the services. */
  readonly graceMs: number;
  /** A stuck server ends by itself the moment its stuck services are gone; killed first, it leaves orphans. */
  readonly serversLast: true;
  /** How long one round of KILL may take; default 1500. */
  readonly killGraceMs?: number;
  /** Somebody is impatient: no more waiting for TERM. KILL follows at once. */
  readonly hasten?: AbortSignal;
  readonly onSignal?: (sent: SentSignal) => void;
}

export interface Ended {
  /** Empty: all are gone. State D sleeps in the kernel, beyond the reach of KILL. */
  readonly survivors: Survivor[];
  readonly signals: SentSignal[];
}

const serverGraceMs = 2_000;
const killRounds = 5;

/**
 *  services: TERM, CONT ──gone──▶ servers: TERM, CONT ──gone──▶ done
 *      │ graceMs or hasten            │ 2 s or hasten
 *      ▼                              ▼
 *     KILL × 5 ──────────────────▶   KILL × 5 ──▶ survivors
 *
 * The second half takes all members: a server may have started services again meanwhile. Those that KILL did not end are not
 * waited for twice. Never throws; bounded by graceMs + 2 s + 10 × killGraceMs. Nobody to end: returns at once.
 */
export async function endMembers(options: EndOptions): Promise<Ended> {
  const signals: SentSignal[] = [];
  const killed = new Set<string>();
  const send = (member: Member, signal: NodeJS.Signals): void => {
    const { pid, startTime, command } = member.row;
    const { service, evidence } = member;
    const outcome = signalProcess({ pid, startTime }, signal);
    const sent: SentSignal = { pid, startTime, command, service, evidence, signal, outcome };
    if (signal === 'SIGKILL') killed.add(nameOf(member));
    signals.push(sent);
    options.onSignal?.(sent);
  };
  const steps = { ...options, send };

  const services = () => options.find().filter((member) => !member.isServer);
  await terminate(services, steps);
  await kill(services, steps);

  const stuck = new Set(killed);
  const rest = () => options.find().filter((member) => !stuck.has(nameOf(member)));
  await terminate(rest, { ...steps, graceMs: serverGraceMs });
  await kill(rest, steps);
  return { survivors: options.find().map(survivorOf), signals };
}

const nameOf = ({ row }: Member): string => `${row.pid}@${row.startTime}`;

type Send = (member: Member, signal: NodeJS.Signals) => void;

async function terminate(find: () => readonly Member[], options: EndOptions & { send: Send }): Promise<void> {
  const asked = new Set<string>();
  const ask = (): readonly Member[] => {
    const members = find();
    for (const member of members) {
      if (asked.has(nameOf(member))) continue;
      asked.add(nameOf(member));
      options.send(member, 'SIGTERM');
      options.send(member, 'SIGCONT'); // a stopped process acts on TERM only when it goes on
    }
    return members;
  };
  await settled(ask, options.graceMs, options.hasten);
}

/** One round is enough as a rule; forks that race with the scan take another. */
async function kill(find: () => readonly Member[], options: EndOptions & { send: Send }): Promise<void> {
  let left = find();
  for (let round = 0; round < killRounds && left.length > 0; round += 1) {
    for (const member of left) options.send(member, 'SIGKILL');
    left = await waitGone(find, options.killGraceMs ?? 1_500);
  }
}

function survivorOf({ row, service, evidence }: Member): Survivor {
  const { pid, startTime, command, state } = row;
  const where = state === 'D' ? waitChannel(pid) : null;
  return {
    pid,
    startTime,
    command,
    service,
    state,
    evidence: where ? [...evidence, `wchan=${where}`] : evidence,
  };
}

/** Where in the kernel it sleeps: the only hint at the disk or network file system that holds it. */
function waitChannel(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/wchan`, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
