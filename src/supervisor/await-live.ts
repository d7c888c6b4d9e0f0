/** Waits until the server that was just launched answers, and makes sure that it is the one that answers. */
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import { isDead } from '../core/process.ts';
import type { ProcessId } from '../core/process.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOwners } from '../processes/listeners.ts';
import { readCwd } from '../processes/evidence.ts';
import { readRow } from '../processes/table.ts';
import type { Control } from './port.ts';

const stepMs = 5;

/** Bounded by `timeoutMs`. `instance-foreign`: another server took the endpoint meanwhile. */
export async function awaitLive(ask: {
  control: Control;
  endpoint: Endpoint;
  server: ProcessId;
  timeoutMs: number;
  readLog: () => readonly string[];
}): Promise<Result<void>> {
  const deadline = Date.now() + ask.timeoutMs;
  for (;;) {
    const live = await ask.control.live();
    const row = readRow(ask.server.pid);
    const alive = row !== null && row.startTime === ask.server.startTime && !isDead(row);
    if (live.ok) return owned(ask, alive);
    if (!alive) return fail({ reason: 'server-exited', exitCode: null, signal: null, log: ask.readLog() });
    if (Date.now() > deadline) return live;
    await sleep(stepMs);
  }
}

function owned(
  ask: { endpoint: Endpoint; server: ProcessId; readLog: () => readonly string[] },
  alive: boolean,
): Result<void> {
  const owners = endpointOwners(ask.endpoint);
  if (owners.includes(ask.server.pid)) return ok(undefined);
  const pid = owners[0] ?? null;
  if (!alive && pid === null)
    return fail({ reason: 'server-exited', exitCode: null, signal: null, log: ask.readLog() });
  return fail({
    reason: 'instance-foreign',
    endpoint: formatEndpoint(ask.endpoint),
    pid,
    cwd: pid === null ? null : readCwd(pid),
    command: pid === null ? null : (readRow(pid)?.command ?? null),
  });
}
