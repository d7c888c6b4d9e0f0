/** The door that tells a server's death at once: an idle connection sees its end within milliseconds, no polling. */
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';

export interface IdleConnection extends Disposable {
  /** Aborted when the other side closed or could not be reached. */
  readonly ended: AbortSignal;
}

/** `greeting`: sent first, where a server ends late for one that never asked anything. */
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
