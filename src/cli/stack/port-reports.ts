/** Reports on ports as this project sees them: its own processes are known, other projects are named by their roots. */
import type { PortReport } from '../../core/port-report.ts';
import { isLeftover } from '../../core/process-report.ts';
import { reportPorts } from '../../processes/port-report.ts';
import type { Instance } from '../../supervisor/port.ts';
import { rootOfKey } from '../known-projects.ts';
import type { Stack } from './open-stack.ts';
import { runningOf } from './process-list.ts';

/** `stack` null: outside of a project, where nothing is ours. */
export function reportOnPorts(
  stack: Stack | null,
  ports: readonly number[],
  instance: Instance | null = null,
): Promise<PortReport[]> {
  const { members, detached, beyond, strays } = stack
    ? stack.search(instance?.server ?? null)
    : { members: [], detached: [], beyond: [], strays: () => [] };
  const running = stack && runningOf(stack, instance);
  return reportPorts({
    ports,
    members: [...members, ...beyond],
    detached,
    strays: strays(),
    isLeftover: (member) => isLeftover({ pid: member.row.pid, ...member }, running),
    rootOf: rootOfKey,
  });
}
