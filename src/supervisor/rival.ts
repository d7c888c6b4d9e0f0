/** Finds the other one where two servers of a project took the same socket. */
import { basename } from 'node:path';
import { isSameProcess } from '../core/process.ts';
import type { ProcessRow } from '../core/process.ts';
import { endpointOwners } from '../processes/listeners.ts';
import { unixListeners } from '../processes/sockets.ts';
import { readRow } from '../processes/table.ts';
import type { Instance } from './port.ts';

/**
 * Supervisors look whether somebody answers at their socket, unlink it and bind it: of two that do so in the same moment both
 * run, and only one is heard. null: `instance` is alone. A TCP port is nobody's but the first one's.
 */
export function rivalOf(
  { endpoint, server }: Instance,
  isServer: (row: ProcessRow) => boolean,
): ProcessRow | null {
  if (endpoint.kind !== 'unix') return null;
  const name = basename(endpoint.path);
  // The list of sockets is read much faster than everybody's descriptors.
  if (unixListeners().filter(({ path }) => basename(path) === name).length < 2) return null;
  const rows = endpointOwners(endpoint).flatMap((pid) => readRow(pid) ?? []);
  return rows.find((row) => !isSameProcess(row, server) && isServer(row)) ?? null;
}
