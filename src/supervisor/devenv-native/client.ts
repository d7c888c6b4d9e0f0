/** The conversation with devenv's native manager over its socket; never devenv's CLI, which parses, locks and may fetch first. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../core/endpoint.ts';
import { formatEndpoint } from '../../core/endpoint.ts';
import type { ProcessId } from '../../core/process.ts';
import type { Result } from '../../core/result.ts';
import type { ServiceState } from '../../core/service.ts';
import { fail, ok } from '../../core/result.ts';
import { askLine } from '../../io/json-line.ts';
import { endpointOwners } from '../../processes/listeners.ts';
import { runningForMs, startedAt } from '../../processes/since.ts';
import { isAlive, readRow } from '../../processes/table.ts';
import type { Control } from '../port.ts';
import { joinedLogs } from './joined-logs.ts';
import type { Leaders } from './leaders.ts';
import { isProbedLeader, leadersOf } from './leaders.ts';
import type { Listed } from './protocol.ts';
import { readDone, readList, readLogged, readRefusal, saysNotRunning } from './protocol.ts';
import { needsProbe, stateOf } from './service-state.ts';

export interface ControlOptions {
  /** How long a read may take. Default 2 s: it takes a millisecond. */
  readonly readTimeoutMs?: number;
}

/** More than anybody reads; the manager reads the whole file for each answer. */
const allLines = 10_000;

/** The manager starts a crashed process again at once. */
const respawnMs = 250;

interface Look {
  readonly listed: readonly Listed[];
  readonly leaders: Leaders;
  readonly managerAgeMs: number;
  /** Ready, they are told to be, and have no process. */
  readonly missing: readonly Listed[];
}

const noLeaders: Leaders = { byService: new Map(), complete: false };

function statesOf({ listed, leaders, managerAgeMs }: Look, lost: readonly Listed[] = []): ServiceState[] {
  return listed.map((one) => {
    const leader = leaders.byService.get(one.name) ?? null;
    const probed = leader && needsProbe(one) ? isProbedLeader(leader, one.name) : null;
    return stateOf(one, leader, managerAgeMs, { probed, lost: lost.includes(one) });
  });
}

/** Each call is one request on a connection of its own. What no manager would say is `endpoint-garbage`. */
export function connectNative(endpoint: Endpoint, options: ControlOptions = {}): Control {
  const readTimeoutMs = options.readTimeoutMs ?? 2_000;
  const text = formatEndpoint(endpoint);
  const logs = joinedLogs();
  let manager: ProcessId | null = null;

  const ask = async <T>(
    request: Readonly<Record<string, unknown>>,
    read: (answer: unknown) => T | null,
    how: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<Result<T>> => {
    const { timeoutMs = readTimeoutMs, signal } = how;
    const answer = await askLine({ endpoint, request, timeoutMs, ...(signal ? { signal } : {}) });
    if (!answer.ok) return answer;
    const value = read(answer.value);
    if (value !== null) return ok(value);
    const message = readRefusal(answer.value);
    if (message !== null) return fail({ reason: 'endpoint-rejected', endpoint: text, status: 0, message });
    const said = JSON.stringify(answer.value)?.slice(0, 80) ?? 'nothing';
    const detail = `to ${String(request['command'])} it answered ${said}`;
    return fail({ reason: 'endpoint-garbage', endpoint: text, detail });
  };
  const list = (signal?: AbortSignal) => ask({ command: 'list' }, readList, { signal });
  // Who holds the socket takes a look at every process; it is asked once for each manager.
  const owner = (): ProcessId | null => {
    if (manager && isAlive(manager)) return manager;
    const [pid] = endpointOwners(endpoint);
    const row = pid === undefined ? null : readRow(pid);
    return (manager = row && { pid: row.pid, startTime: row.startTime });
  };

  const look = async (signal?: AbortSignal): Promise<Result<Look>> => {
    const listed = await list(signal);
    if (!listed.ok) return listed;
    const server = owner();
    const leaders = server ? leadersOf(server.pid) : noLeaders;
    const isMissing = ({ name, phase }: Listed): boolean => phase === 'ready' && !leaders.byService.has(name);
    return ok({
      listed: listed.value,
      leaders,
      managerAgeMs: (server && runningForMs(server.startTime)) ?? 0,
      missing: leaders.complete ? listed.value.filter(isMissing) : [],
    });
  };

  return {
    stays: true,
    live: async (signal) => {
      const listed = await list(signal);
      return listed.ok ? ok(undefined) : listed;
    },
    info: async (signal) => {
      const listed = await list(signal);
      if (!listed.ok) return listed;
      const server = owner();
      const since = server && startedAt(server.startTime);
      return ok({ version: null, startedAt: since ?? new Date().toISOString(), fileNames: [] });
    },
    states: async (signal) => {
      const first = await look(signal);
      if (!first.ok || first.value.missing.length === 0) return first.ok ? ok(statesOf(first.value)) : first;
      // A crash takes a moment until the manager has started it again; one that it restarted on request it watches no more.
      await sleep(respawnMs);
      const second = await look(signal);
      if (!second.ok) return second;
      const same = ({ name, restarts }: Listed): boolean =>
        first.value.missing.some((one) => one.name === name && one.restarts === restarts);
      return ok(statesOf(second.value, second.value.missing.filter(same)));
    },
    logs: async (name, lines, signal) => {
      const request = { command: 'logs', name, lines: lines > 0 ? lines : allLines };
      const logged = await ask(request, readLogged, { signal });
      return logged.ok ? ok(logs(name, logged.value, lines)) : logged;
    },
    stopService: async (name, how) => {
      const stopped = await ask({ command: 'stop', name }, readDone, how);
      if (stopped.ok) return ok(undefined);
      const { failure } = stopped;
      const runsNot = failure.reason === 'endpoint-rejected' && saysNotRunning(failure.message);
      return runsNot ? ok(undefined) : fail(failure);
    },
    // There is no such request: it ends on a signal, which is not ours to send.
    stopProject: async () => ok(undefined),
  };
}
