/** Removes the socket file that a server left behind, never one on which a process listens. */
import { lstatSync, rmSync } from 'node:fs';
import type { Endpoint } from '../core/endpoint.ts';
import { http } from '../io/http.ts';
import { endpointOwners } from '../processes/listeners.ts';

/** A socket file of ours that refuses a connection and that no process listens on. */
export async function isStaleSocket(endpoint: Endpoint): Promise<boolean> {
  if (endpoint.kind !== 'unix') return false;
  const found = lstatSync(endpoint.path, { throwIfNoEntry: false });
  if (!found?.isSocket() || found.uid !== process.getuid?.()) return false;
  const answer = await http({ endpoint, method: 'GET', path: '/live', timeoutMs: 1_000 });
  if (answer.ok || answer.failure.reason !== 'endpoint-refused') return false;
  return endpointOwners(endpoint).length === 0;
}

/** Removes it if it is stale; idempotent. true: it was removed. */
export async function removeStaleSocket(endpoint: Endpoint): Promise<boolean> {
  if (endpoint.kind !== 'unix' || !(await isStaleSocket(endpoint))) return false;
  rmSync(endpoint.path, { force: true });
  return true;
}
