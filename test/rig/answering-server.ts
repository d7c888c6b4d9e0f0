/** A small HTTP server on a unix socket in a directory of its own; it says what a test tells it to say. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Endpoint } from '../../src/core/endpoint.ts';

export interface AnsweringServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** `METHOD /path` of every request, as it came over the wire. */
  readonly asked: readonly string[];
}

export async function answeringServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AnsweringServer> {
  const directory = mkdtempSync('/tmp/uk-');
  const path = join(directory, 's.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    endpoint: { kind: 'unix', path },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}
