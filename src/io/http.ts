/**
 * The door to a supervisor's HTTP API: one bounded request over a unix socket or TCP. Without node:http, whose client costs
 * `upkeep status` 5 ms; HTTP/1.0, because its answers come in one piece and end with the connection.
 */
import { formatEndpoint } from '../core/endpoint.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { Exchange } from './exchange.ts';
import { exchange } from './exchange.ts';

export interface HttpRequest extends Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** Fails with an `endpoint-…` reason or `interrupted`; never throws. */
export const http = (ask: HttpRequest): Promise<Result<HttpResponse>> =>
  exchange(ask, { request: requestText(ask), read: readAnswer });

function requestText({ endpoint, method, path, headers, body = '' }: HttpRequest): string {
  const all = {
    Host: endpoint.kind === 'unix' ? 'localhost' : formatEndpoint(endpoint).slice('http://'.length),
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
