/** Where the process table comes from on a system without /proc: null on Linux, which never loads such a one. */
import type { ProcessRow } from '../core/process.ts';
import type { TcpListener, UnixListener } from './listening-socket.ts';

/** Synchronous, as /proc is. What the system does not tell is null or left out: fewer proofs, never more. */
export interface OtherSystem {
  /** Throws where it cannot be read: an empty table would say that everything has ended. */
  readonly readTable: () => ProcessRow[];
  readonly readRow: (pid: number) => ProcessRow | null;
  /** Asked anew each time: what a signal relies on. Its session is not told. */
  readonly readAlone: (pid: number) => ProcessRow | null;
  /** Single variables that can be told apart; never the whole environment. */
  readonly readVariables: (pid: number) => Record<string, string> | null;
  readonly readCwd: (pid: number) => string | null;
  readonly readExe: (pid: number) => string | null;
  /** In place of an inode each socket has what the system calls it. */
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
