/** The door to a server that takes one line of JSON and answers with one: one bounded request over a unix socket. */
import { connect } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { connectionFailure } from './http.ts';

export interface JsonLineRequest {
  readonly endpoint: Endpoint;
  readonly request: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const lineLimit = 64 * 1024 * 1024;

/**
 * The parsed first line of the answer; whatever follows it is not read. One connection, no retries. Fails with an `endpoint-…`
 * reason or `interrupted`; never throws.
 */
export function askLine(ask: JsonLineRequest): Promise<Result<unknown>> {
  const { endpoint, request, timeoutMs, signal } = ask;
  const text = formatEndpoint(endpoint);
  if (signal?.aborted) return Promise.resolve(fail({ reason: 'interrupted' }));
  return new Promise((resolve) => {
    const socket = connect(
      endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (result: Result<unknown>): void => {
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
      const detail = `the answer is larger than ${lineLimit} bytes`;
      if (bytes > lineLimit) settle(fail({ reason: 'endpoint-garbage', endpoint: text, detail }));
      else if (chunk.includes(newline)) settle(readLine(Buffer.concat(chunks), text));
    });
    // An answer without its last newline is whole if it parses.
    socket.on('end', () => settle(readLine(Buffer.concat(chunks), text)));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

const newline = 0x0a;

function readLine(answer: Buffer, endpoint: string): Result<unknown> {
  if (answer.length === 0) {
    const detail = 'the connection was closed without an answer';
    return fail({ reason: 'endpoint-closed', endpoint, detail });
  }
  const end = answer.indexOf(newline);
  const line = answer.toString('utf8', 0, end === -1 ? answer.length : end);
  try {
    return ok(JSON.parse(line));
  } catch {
    const start = JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
    return fail({ reason: 'endpoint-garbage', endpoint, detail: `it answered ${start}, which is no JSON` });
  }
}
