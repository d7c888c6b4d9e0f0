/** Finds ports on which nobody listens and no usual server could: /proc lists no socket that is bound and does not listen. */
import { probeAddress } from '../io/bind-probe.ts';
import { tcpRows } from './tcp-rows.ts';

/**
 * Those of `ports` that a client's socket has as its own end, or that somebody bound without listening. Tried on 127.0.0.1:
 * where that is taken the wildcards are, too, and where it is free a service may well listen, on it or on ::1. What is left of
 * ended connections alone is no reason: whoever minds it knows to wait. To be asked when nothing listens there, and binds each
 * for some microseconds: never while something starts.
 */
export async function unbindablePorts(ports: readonly number[]): Promise<readonly number[]> {
  const refused: number[] = [];
  for (const port of ports) if ((await probeAddress('127.0.0.1', port)) === 'taken') refused.push(port);
  if (refused.length === 0) return [];
  const rows = tcpRows(refused);
  return refused.filter((port) => {
    const own = rows.filter((row) => row.port === port);
    return own.length === 0 || own.some(({ state, inode }) => state === 'connected' && inode !== '0');
  });
}
