/** Tells of a second supervisor at the endpoint of the stack, which somebody started in the same moment. */
import { formatEndpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import { isAlive } from '../../processes/table.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Stack } from './open-stack.ts';

/** null: `instance` is alone, or has ended. */
export function twoServers(stack: Stack, instance: Instance): Failure | null {
  const rival = stack.supervisor.rivalOf(instance);
  if (rival === null || !isAlive(instance.server)) return null;
  return { reason: 'two-servers', endpoint: formatEndpoint(instance.endpoint), pid: rival.pid };
}
