/** Finds ports on which nothing listens and yet no ordinary server could: /proc does not list sockets that are only bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { probeAddress } from '../io/bind-probe.ts';
import { tcpRows } from './tcp-rows.ts';

/**
 * Those of `ports` that are the local end of a client's connection, or that somebody bound without listening. Tried on
 * 127.0.0.1: where that is taken, the wildcards are too, and where it is free, a service can listen there or on ::1. TIME_WAIT
 * alone does not count. To be called when nothing listens on them; binds each for some microseconds, so never during a start.
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
    // In no list: tried once more, since somebody may have probed it as we do, or listened there for a moment.
    else if (own.length === 0 && (await isTakenStill(port))) found.push(port);
  }
  return found;
}

const againMs = 20;

async function isTakenStill(port: number): Promise<boolean> {
  await sleep(againMs);
  return (await probeAddress('127.0.0.1', port)) === 'taken';
}
