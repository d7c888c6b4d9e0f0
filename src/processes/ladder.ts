/** Ends the members of a stack: first they get time to end as asked, then TERM, then KILL; services first, then the servers. */
import { readdirSync, readFileSync } from 'node:fs';
import { processKey } from '../core/process.ts';
import type { Survivor } from '../core/trouble.ts';
import type { Member } from './member.ts';
import type { Escalation, SentSignal } from './escalation.ts';
import { escalate } from './escalation.ts';
import { waitGone } from './wait-gone.ts';

export type { SentSignal } from './escalation.ts';
export { waitGone } from './wait-gone.ts';

export interface EndOptions extends Omit<Escalation, 'find' | 'onSignal'> {
  /** Called in every step: children are forked during a shutdown, and proofs end with the processes that carry them. */
  readonly find: () => readonly Member[];
  /** A stuck server ends by itself the moment its stuck services are gone; killed first, it leaves orphans. */
  readonly serversLast: true;
  /** How long a server that was asked may take to end by itself once its services are gone; default 0. */
  readonly serverLeaveMs?: number;
  readonly onServicesGone?: () => Promise<void>;
  readonly onSignal?: (sent: SentSignal) => void;
}

export interface Ended {
  /** Empty: all are gone. State D sleeps in the kernel, beyond the reach of KILL. */
  readonly survivors: Survivor[];
  readonly signals: SentSignal[];
}

const serverGraceMs = 2_000;

/**
 *  services: asked ─gone─────────────┬─▶ servers: leave by themselves ─gone─▶ done
 *      │ own budget                  │       │ serverLeaveMs
 *      ▼                             │       ▼
 *     TERM, CONT ─gone───────────────┤      TERM, CONT ─gone─▶ done
 *      │ budget, or hasten           │       │ 2 s, or hasten
 *      ▼                             │       ▼
 *     KILL × 5 ─gone, or it cannot ──┘      KILL × 5 ─▶ survivors
 *
 * The second half takes all members: a server may have started services again meanwhile. Those that KILL did not end are not
 * waited for twice. Never throws; bounded by twice the longest budget + serverLeaveMs + 2 s + 10 × killGraceMs. Returns at
 * once when there is nothing to end.
 */
export async function endMembers(options: EndOptions): Promise<Ended> {
  const signals: SentSignal[] = [];
  const onSignal = (sent: SentSignal): void => {
    signals.push(sent);
    options.onSignal?.(sent);
  };
  const services = (): readonly Member[] => options.find().filter((member) => !member.isServer);
  const stuck = await escalate({ ...options, find: services, onSignal });
  await options.onServicesGone?.();

  const rest = (): readonly Member[] => options.find().filter((member) => !stuck.has(processKey(member.row)));
  const staying = await waitGone(rest, options.serverLeaveMs ?? 0, options.hasten);
  if (staying.length > 0)
    await escalate({ find: rest, graceMs: serverGraceMs, onSignal, ...ofBoth(options) });
  // Each look at the processes is downtime: an empty one is not repeated, since nothing is left that could fork.
  const left = staying.length > 0 || stuck.size > 0 ? options.find() : [];
  return { survivors: left.map(survivorOf), signals };
}

const ofBoth = ({ killGraceMs, hasten }: EndOptions): Pick<Escalation, 'killGraceMs' | 'hasten'> => ({
  ...(killGraceMs === undefined ? {} : { killGraceMs }),
  ...(hasten ? { hasten } : {}),
});

function survivorOf({ row, service, evidence }: Member): Survivor {
  const { pid, startTime, command, state } = row;
  const where = state === 'D' || state === 'z' ? waitChannel(pid) : null;
  return {
    pid,
    startTime,
    command,
    service,
    state,
    evidence: where ? [...evidence, `wchan=${where}`] : evidence,
  };
}

/** Where in the kernel its last thread sleeps: the only hint at the disk or network file system that holds it. */
function waitChannel(pid: number): string | null {
  try {
    const thread = readdirSync(`/proc/${pid}/task`).at(-1);
    return readFileSync(`/proc/${pid}/task/${thread}/wchan`, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
