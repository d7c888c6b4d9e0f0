/** The door to a socket: one connection, one bounded request, one answer. */
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail } from '../core/result.ts';

export interface Exchange {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Protocol<T> {
  readonly request: string;
  /** The whole answer, or what there was when the other side closed; `endpoint` for the words of a failure. */
  readonly read: (answer: Buffer, endpoint: string) => Result<T>;
  /** This chunk completes the answer, whoever closes; default: only the other side's end does. */
  readonly completes?: (chunk: Buffer) => boolean;
}

const limitBytes = 64 * 1024 * 1024;

/** No retries. Fails with an `endpoint-…` reason or `interrupted`; never throws. */
export function exchange<T>(ask: Exchange, { request, read, completes }: Protocol<T>): Promise<Result<T>> {
  const { endpoint, timeoutMs, signal } = ask;
  const text = formatEndpoint(endpoint);
  if (signal?.aborted) return Promise.resolve(fail({ reason: 'interrupted' }));
  return new Promise((resolve) => {
    const socket = connect(
      endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (result: Result<T>): void => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', interrupt);
      socket.destroy();
      resolve(result);
    };
    const interrupt = (): void => settle(fail({ reason: 'interrupted' }));
    const late = (): void => settle(fail({ reason: 'endpoint-timeout', endpoint: text, timeoutMs }));
    // A turn later: where this process stood still, the answer that came meanwhile is read only now.
    const deadline = setTimeout(() => setImmediate(late), timeoutMs);
    signal?.addEventListener('abort', interrupt);
    socket.on('error', (error: NodeJS.ErrnoException) => settle(fail(connectionFailure(error, text))));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      const detail = `the answer is larger than ${limitBytes} bytes`;
      if (bytes > limitBytes) settle(fail({ reason: 'endpoint-garbage', endpoint: text, detail }));
      else if (completes?.(chunk)) settle(read(Buffer.concat(chunks), text));
    });
    socket.on('end', () => settle(read(Buffer.concat(chunks), text)));
    socket.write(request);
  });
}

/** Why a connection failed, in our words. */
function connectionFailure(error: NodeJS.ErrnoException, endpoint: string): Failure {
  switch (error.code) {
    case 'ENOENT':
      return { reason: 'endpoint-absent', endpoint };
    case 'ECONNREFUSED':
      return { reason: 'endpoint-refused', endpoint };
    case 'EACCES':
      return { reason: 'endpoint-unauthorised', endpoint };
    case 'ECONNRESET':
    case 'EPIPE':
      return { reason: 'endpoint-closed', endpoint, detail: error.message };
    default:
      return { reason: 'endpoint-garbage', endpoint, detail: error.message };
  }
}
