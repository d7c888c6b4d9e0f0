/** The door to one running process-compose: its REST API, never its CLI, which is slow and looks for updates. */
import type { Endpoint } from '../../core/endpoint.ts';
import { formatEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { IdleConnection } from '../../io/connection.ts';
import { watchEndpoint } from '../../io/connection.ts';
import type { HttpRequest, HttpResponse } from '../../io/http.ts';
import { http } from '../../io/http.ts';
import type { Control } from '../port.ts';
import { readError, readLive, readLogs, readProcesses, readProject } from './normalise.ts';

/** A read takes a millisecond; a server that needs longer than this is stuck (≤ 1.75 holds a lock while stopping). */
const readTimeoutMs = 2_000;

export interface ControlOptions {
  /** What `PC_API_TOKEN` holds; absent, null or empty: the server asks for none. */
  readonly token?: string | null;
  /** How long a read may take. Default 2 s. */
  readonly readTimeoutMs?: number;
}

/**
 * Each call is one request on a connection of its own. Fails with an `endpoint-…` reason or `interrupted`; 401 is
 * `endpoint-unauthorised` (alive, but not for us), and an answer that is not process-compose's is `endpoint-garbage`.
 */
export function connectControl(endpoint: Endpoint, options: ControlOptions = {}): Control {
  const headers = options.token ? { 'x-pc-token-key': options.token } : {};
  const ask = (method: HttpRequest['method'], path: string, timeoutMs: number, signal?: AbortSignal) =>
    http({ endpoint, method, path, headers, timeoutMs, ...(signal ? { signal } : {}) });

  const read = async <T>(
    path: string,
    parse: (body: unknown) => T | null,
    signal?: AbortSignal,
  ): Promise<Result<T>> => {
    const answer = await ask('GET', path, options.readTimeoutMs ?? readTimeoutMs, signal);
    if (!answer.ok) return answer;
    if (answer.value.status !== 200) return fail(refusal(endpoint, path, answer.value));
    const value = parse(parseJson(answer.value.body));
    return value === null ? fail(garbage(endpoint, path, answer.value)) : ok(value);
  };

  return {
    live: async (signal) => {
      const alive = await read('/live', readLive, signal);
      return alive.ok ? ok(undefined) : alive;
    },
    info: (signal) => read('/project/state', readProject, signal),
    states: (signal) => read('/processes', readProcesses, signal),
    logs: (service, lines, signal) =>
      read(`/process/logs/${encodeURIComponent(service)}/0/${lines}`, readLogs, signal),

    stopService: async (name, { timeoutMs, signal }) => {
      const path = `/process/stop/${encodeURIComponent(name)}`;
      const answer = await ask('PATCH', path, timeoutMs, signal);
      if (!answer.ok) return answer;
      if (answer.value.status === 200) return ok(undefined);
      const failure = refusal(endpoint, path, answer.value);
      const alreadyStopped =
        failure.reason === 'endpoint-rejected' && failure.message.endsWith('is not running');
      return alreadyStopped ? ok(undefined) : fail(failure);
    },

    stopProject: async ({ timeoutMs, signal }) => {
      // Not `/project/stop/`, which the CLI uses: that one is answered with a redirect.
      const answer = await ask('POST', '/project/stop', timeoutMs, signal);
      // A service with exit_on_failure that dies of the stop takes the server down before it has answered.
      if (!answer.ok) return answer.failure.reason === 'endpoint-closed' ? ok(undefined) : answer;
      return answer.value.status === 200
        ? ok(undefined)
        : fail(refusal(endpoint, '/project/stop', answer.value));
    },
  };
}

/** At its shutdown Go's server closes idle connections, but waits 2 s and more for one that never sent a request. */
export const watchServer = (endpoint: Endpoint): IdleConnection =>
  watchEndpoint(endpoint, 'GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n');

function refusal(endpoint: Endpoint, path: string, answer: HttpResponse): Failure {
  if (answer.status === 401) return { reason: 'endpoint-unauthorised', endpoint: formatEndpoint(endpoint) };
  const message = readError(parseJson(answer.body)) ?? unroutable(path, answer);
  if (message === null) return garbage(endpoint, path, answer);
  return { reason: 'endpoint-rejected', endpoint: formatEndpoint(endpoint), status: answer.status, message };
}

/** Before 1.122 a name with `/` matches no route, encoded or not; the routes without a name exist in every release. */
function unroutable(path: string, answer: HttpResponse): string | null {
  return answer.status === 404 && /^\/process\/.*%2F/i.test(path)
    ? 'this release of process-compose cannot address a service whose name contains "/"'
    : null;
}

function garbage(endpoint: Endpoint, path: string, { status, body }: HttpResponse): Failure {
  const start = JSON.stringify(body.length > 80 ? `${body.slice(0, 80)}…` : body);
  return {
    reason: 'endpoint-garbage',
    endpoint: formatEndpoint(endpoint),
    detail: `${path} answered ${status} ${start}`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
