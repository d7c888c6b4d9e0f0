/** Finds the second supervisor at the endpoint of the stack, which somebody started in the same moment. */
import { formatEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { isAlive } from '../../processes/table.ts';
import type { Found, Instance } from '../../supervisor/port.ts';
import type { Stack } from './open-stack.ts';

/** null: `instance` is alone, or has ended. */
export function twoServers(stack: Stack, instance: Instance): Failure | null {
  const rival = stack.supervisor.rivalOf(instance);
  if (rival === null || !isAlive(instance.server)) return null;
  return { reason: 'two-servers', endpoint: formatEndpoint(instance.endpoint), pid: rival.pid };
}

export interface Rivalry {
  /** What is to be ended: whatever else is found afterwards follows. */
  readonly found: Found;
  /** The other one. */
  readonly pid: number;
}

/**
 * What became of a start that another one was beside, where neither of the two is whole: each has what the other one lacks, a port
 * or the socket. Or ours gave way to one that answered, and took the socket's file along when it ended. null: nothing is amiss.
 */
export async function rivalryAfter(stack: Stack, spawned: Result<Instance>): Promise<Rivalry | null> {
  if (spawned.ok) {
    const rival = stack.supervisor.rivalOf(spawned.value);
    return rival && { found: { is: 'running', instance: spawned.value }, pid: rival.pid };
  }
  if (spawned.failure.reason !== 'instance-foreign' || !spawned.failure.inProject) return null;
  const found = await stack.supervisor.find();
  const isMute = found.is === 'unreachable' && found.failure.reason === 'server-unreachable';
  return isMute ? { found, pid: found.instance.server.pid } : null;
}
