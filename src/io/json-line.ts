/** The door to a server that takes one line of JSON and answers with one: one bounded request over a unix socket. */
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import type { Exchange } from './exchange.ts';
import { exchange } from './exchange.ts';

export interface JsonLineRequest extends Exchange {
  readonly request: Readonly<Record<string, unknown>>;
}

/** The parsed first line of the answer; whatever follows it is not read. Fails with an `endpoint-…` reason or `interrupted`. */
export const askLine = (ask: JsonLineRequest): Promise<Result<unknown>> =>
  exchange(ask, {
    request: `${JSON.stringify(ask.request)}\n`,
    // An answer without its last newline is whole if it parses.
    read: readLine,
    completes: (chunk) => chunk.includes(newline),
  });

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
