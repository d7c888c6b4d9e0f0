/** The plan of a restart as lines of text, for `--dry-run`. */
import { formatEndpoint } from '../../core/endpoint.ts';
import { managerName } from '../../core/manager.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Stack } from './open-stack.ts';
import type { RestartPlan } from './restart-stack.ts';

export function planLines(stack: Stack, plan: RestartPlan): readonly string[] {
  const { found, prepared, model } = plan;
  const instance = instanceOf(found);
  const members = stack.members(instance?.server ?? null);
  const names = model.definition.services
    .filter((service) => !service.disabled)
    .map((service) => service.name);
  return [
    `validated: ${prepared.files.join(', ')}`,
    instance
      ? `stop: ${managerName(stack.supervisor.manager)} (pid ${instance.server.pid}) and ${members.filter((one) => !one.isServer).length} processes of its services`
      : 'stop: nothing runs',
    ...(model.allPorts.length > 0 ? [`verify: ports ${model.allPorts.join(', ')} are free`] : []),
    `start: ${names.join(', ')} on ${formatEndpoint(stack.supervisor.endpointOf(prepared, plan.endpoint))}`,
    'wait: until every service is ready',
  ];
}
