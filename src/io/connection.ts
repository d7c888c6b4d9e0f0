/** The door to a server's end: an idle connection notices it within milliseconds, without polling. */
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';

export interface IdleConnection extends Disposable {
  /** Aborted when the other side closed or could not be reached. */
  readonly ended: AbortSignal;
}

/** `greeting` is sent first, for servers that end late while a connection has never sent anything. */
export function watchEndpoint(endpoint: Endpoint, greeting: string | null = null): IdleConnection {
  const ended = new AbortController();
  const socket = connect(
    endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
  );
  if (greeting !== null) socket.on('connect', () => void socket.write(greeting));
  const end = (): void => ended.abort();
  socket.on('close', end);
  socket.on('error', end);
  socket.resume();
  socket.unref();
  return { ended: ended.signal, [Symbol.dispose]: () => void socket.destroy() };
}
