/** The door to bind(2) as a question: could a server listen on this port now, on each of the four addresses that count? */
import { createServer } from 'node:net';
import type { AddressProbe } from '../core/port-report.ts';

/** None of them implies another: a server on `::1` leaves 127.0.0.1 free. */
const hosts = ['127.0.0.1', '::1', '0.0.0.0', '::'] as const;

/**
 * Each address is bound for some microseconds, one after the other: on demand only, never while something starts. `::` is
 * asked for both families at once, as servers do.
 */
export async function probePort(port: number): Promise<AddressProbe[]> {
  const probes: AddressProbe[] = [];
  for (const host of hosts) probes.push({ host, bind: await probeAddress(host, port) });
  return probes;
}

/** Binds as most servers do, with SO_REUSEADDR: a server's own connections in TIME_WAIT are no obstacle. */
export const probeAddress = (host: string, port: number): Promise<AddressProbe['bind']> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => resolve(meaningOf((error as NodeJS.ErrnoException).code)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')));
  });

function meaningOf(code: string | undefined): AddressProbe['bind'] {
  if (code === 'EADDRINUSE') return 'taken';
  return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent';
}
