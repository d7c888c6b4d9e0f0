/** Finds ports on which nobody listens and no usual server could: /proc lists no socket that is bound and does not listen. */
import { setTimeout as sleep } from 'node:timers/promises';
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
  const found: number[] = [];
  for (const port of refused) {
    const own = rows.filter((row) => row.port === port);
    if (own.some(({ state, inode }) => state === 'connected' && inode !== '0')) found.push(port);
    // In no list: asked once more, for somebody may have tried it as we do, or listened there for a moment.
    else if (own.length === 0 && (await isTakenStill(port))) found.push(port);
  }
  return found;
}

const againMs = 20;

async function isTakenStill(port: number): Promise<boolean> {
  await sleep(againMs);
  return (await probeAddress('127.0.0.1', port)) === 'taken';
}
