/** The port for systems without /proc; null on Linux. */
import type { ProcessRow } from '../core/process.ts';
import type { TcpListener, UnixListener } from './listening-socket.ts';

/** Synchronous, like /proc. What the system does not show is null or left out: that makes fewer proofs, never more. */
export interface OtherSystem {
  /** Throws where it cannot be read: an empty table would say that everything has ended. */
  readonly readTable: () => ProcessRow[];
  readonly readRow: (pid: number) => ProcessRow | null;
  /** Read afresh each time, since a signal relies on it. The session is not known. */
  readonly readAlone: (pid: number) => ProcessRow | null;
  /** Single variables that can be told apart; never the whole environment. */
  readonly readVariables: (pid: number) => Record<string, string> | null;
  readonly readCwd: (pid: number) => string | null;
  readonly readExe: (pid: number) => string | null;
  /** Each socket has the system's name for it instead of an inode. */
  readonly tcpListeners: () => TcpListener[];
  readonly unixListeners: () => UnixListener[];
  readonly socketsOf: (pid: number) => Set<string>;
  readonly bootId: () => string;
}

export let otherSystem: OtherSystem | null = null;

/** Once, before the first look at a process; null: /proc again. */
export function useSystem(system: OtherSystem | null): void {
  otherSystem = system;
}
