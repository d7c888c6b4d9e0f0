/** The door to a supervisor's API: one bounded HTTP request over a unix socket or TCP. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

export interface HttpRequest {
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

const bodyLimit = 64 * 1024 * 1024;

/** One request, one connection, no retries. Fails with an `endpoint-…` reason or `interrupted`; never throws. */
export function http(ask: HttpRequest): Promise<Result<HttpResponse>> {
  const { endpoint, timeoutMs, signal } = ask;
  const lifetime = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  const where =
    endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  return new Promise((resolve) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      resolve(fail(signal?.aborted ? { reason: 'interrupted' } : asFailure(error, ask, lifetime.aborted)));
    };
    const outgoing = request(
      {
        method: ask.method,
        path: ask.path,
        // No agent: one would look for the name of a TLS server first, 3 ms for a regular expression.
        createConnection: () => connect(where),
        signal: lifetime,
        headers: {
          host: endpoint.kind === 'unix' ? 'localhost' : `${endpoint.host}:${endpoint.port}`,
          ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...ask.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > bodyLimit) response.destroy(new Error(`the answer is larger than ${bodyLimit} bytes`));
        });
        response.on('end', () => {
          resolve(ok({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
        });
        response.on('error', refuse);
      },
    );
    outgoing.on('error', refuse);
    outgoing.end(ask.body);
  });
}

function asFailure(error: NodeJS.ErrnoException, ask: HttpRequest, late: boolean): Failure {
  const endpoint = formatEndpoint(ask.endpoint);
  if (late) return { reason: 'endpoint-timeout', endpoint, timeoutMs: ask.timeoutMs };
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
