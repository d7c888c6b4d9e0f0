/** Waits until the launched server answers, and makes sure that it is this one, or a child of it, that answers. */
import type { Endpoint } from '../core/endpoint.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { ProcessId, ProcessRow } from '../core/process.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOwners } from '../processes/listeners.ts';
import { readCwd, readMarks } from '../processes/evidence.ts';
import { descendsFrom, isAlive, readRow } from '../processes/table.ts';
import type { Control } from './port.ts';

const stepMs = 5;

export interface AwaitLive {
  readonly control: Control;
  readonly endpoint: Endpoint;
  /** What was launched: the server, or a wrapper above it. */
  readonly launched: ProcessId;
  /** The uuid in its marker. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly readLog: () => readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * The server, within `timeoutMs`. Fails with `server-exited`, `instance-foreign` (another server took the endpoint meanwhile),
 * `interrupted` (what was launched lives on), or an `endpoint-…` reason.
 */
export async function awaitLive(ask: AwaitLive): Promise<Result<ProcessId>> {
  const deadline = Date.now() + ask.timeoutMs;
  for (;;) {
    if (ask.signal?.aborted) return fail({ reason: 'interrupted' });
    const live = await ask.control.live(ask.signal);
    const alive = isAlive(ask.launched);
    if (live.ok) return owned(ask, alive);
    if (!alive) return fail({ reason: 'server-exited', exitCode: null, signal: null, log: ask.readLog() });
    if (Date.now() > deadline) return live;
    await sleep(stepMs);
  }
}

function owned(ask: AwaitLive, alive: boolean): Result<ProcessId> {
  const owners = endpointOwners(ask.endpoint);
  const ours = owners.map((pid) => readRow(pid)).find((row) => row !== null && isBelow(row, ask));
  if (ours) return ok({ pid: ours.pid, startTime: ours.startTime });
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

/** By descent, or by the marker where a process in between has already ended. */
function isBelow(row: ProcessRow, { launched, id }: AwaitLive): boolean {
  return descendsFrom(row, launched) || readMarks(row.pid, []).marker?.uuid === id;
}
