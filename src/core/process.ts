/** One process of the table as data, and how it is identified. */
import type { Marker } from './project.ts';

export interface ProcessRow {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat as text: ticks since boot; on macOS seconds since the epoch. With the pid and the boot id it names a process. */
  readonly startTime: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly uid: number;
  /** R, S, D, T, Z, X …; `z`: its first thread has ended but others have not, so it still holds its sockets. */
  readonly state: string;
  /** Command line with spaces; `[comm]` where it is empty. */
  readonly command: string;
  /** Controlling terminal's device number; 0 for none. */
  readonly terminal: number;
}

/** What else can be read of a process of our own uid; null fields: gone, or not allowed. */
export interface ProcessEvidence {
  readonly marker: Marker | null;
  /** Descriptor 63 is the canary of this instance uuid. */
  readonly canary: string | null;
  readonly cwd: string | null;
  readonly exe: string | null;
  /** PC_PROC_NAME, or the name of its log: the service it runs for. */
  readonly service: string | null;
}

/** What identifies a process for good: the pid alone is reused. */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: string;
}

export const isSameProcess = (one: ProcessId, other: ProcessId): boolean =>
  one.pid === other.pid && one.startTime === other.startTime;

/** `PID@START`, for maps and sets. */
export const processKey = ({ pid, startTime }: ProcessId): string => `${pid}@${startTime}`;

/**
 * A zombie that nobody reaps answers kill(pid, 0) for ever: it counts as dead, once all its threads are. After a SIGKILL the
 * first thread of process-compose is a zombie while its socket still takes connections (55 of 60 tries).
 */
export const isDead = (row: Pick<ProcessRow, 'state'>): boolean => row.state === 'Z' || row.state === 'X';
