/** The door that tells a server's death at once: an idle connection sees its end within milliseconds, no polling. */
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';

export interface IdleConnection extends Disposable {
  /** Aborted when the other side closed or could not be reached. */
  readonly ended: AbortSignal;
}

export function watchEndpoint(endpoint: Endpoint): IdleConnection {
  const ended = new AbortController();
  const socket = connect(
    endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
  );
  // Go's server closes an idle connection at its shutdown, but waits 2 s and more for one that never asked anything.
  socket.on('connect', () => void socket.write('GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  const end = (): void => ended.abort();
  socket.on('close', end);
  socket.on('error', end);
  socket.resume();
  socket.unref();
  return { ended: ended.signal, [Symbol.dispose]: () => void socket.destroy() };
}
