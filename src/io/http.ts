/**
 * The door to a supervisor's API: one bounded HTTP request over a unix socket or TCP. Not node:http, whose client costs
 * `upkeep status` 5 ms; HTTP/1.0, because its answers come in one piece and end with the connection.
 */
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
  const text = formatEndpoint(endpoint);
  if (signal?.aborted) return Promise.resolve(fail({ reason: 'interrupted' }));
  return new Promise((resolve) => {
    const socket = connect(
      endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (result: Result<HttpResponse>): void => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', interrupt);
      socket.destroy();
      resolve(result);
    };
    const interrupt = (): void => settle(fail({ reason: 'interrupted' }));
    const late = (): void => settle(fail({ reason: 'endpoint-timeout', endpoint: text, timeoutMs }));
    const deadline = setTimeout(late, timeoutMs);
    signal?.addEventListener('abort', interrupt);
    socket.on('error', (error: NodeJS.ErrnoException) => settle(fail(connectionFailure(error, text))));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      const detail = `the answer is larger than ${bodyLimit} bytes`;
      if (bytes > bodyLimit) settle(fail({ reason: 'endpoint-garbage', endpoint: text, detail }));
    });
    socket.on('end', () => settle(readAnswer(Buffer.concat(chunks), text)));
    socket.write(requestText(ask));
  });
}

function requestText({ endpoint, method, path, headers, body = '' }: HttpRequest): string {
  const all = {
    Host: endpoint.kind === 'unix' ? 'localhost' : `${endpoint.host}:${endpoint.port}`,
    ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
    ...(method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, '')}\r\n`);
  return `${method} ${path} HTTP/1.0\r\n${lines.join('')}\r\n${body}`;
}

/** The whole answer, after the other side has closed. */
function readAnswer(answer: Buffer, endpoint: string): Result<HttpResponse> {
  const closed = (detail: string) => fail({ reason: 'endpoint-closed', endpoint, detail });
  if (answer.length === 0) return closed('the connection was closed without an answer');
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.toString('latin1', 0, end < 0 ? Math.min(answer.length, 200) : end);
  const status = /^HTTP\/1\.[01] (\d{3})(?:\s|$)/.exec(head)?.[1];
  if (status === undefined)
    return fail({ reason: 'endpoint-garbage', endpoint, detail: 'the answer is not HTTP' });
  if (end < 0) return closed('the connection was closed within the answer');
  const body = answer.subarray(end + 4);
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  if (length !== undefined && body.length < Number(length))
    return closed(`the connection was closed after ${body.length} of ${length} bytes`);
  return ok({ status: Number(status), body: body.toString('utf8') });
}

/** Why a connection failed, in our words. */
export function connectionFailure(error: NodeJS.ErrnoException, endpoint: string): Failure {
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
