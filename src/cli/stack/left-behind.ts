/** Finds what earlier runs left beside, or in place of, the stack that runs now. */
import { isLeftover } from '../../core/process-report.ts';
import type { StatusReport } from '../../core/status.ts';
import type { Member } from '../../processes/members.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Stack } from './open-stack.ts';
import { everybody } from './open-stack.ts';
import { runningOf } from './process-list.ts';
import { survivorOf } from './proof.ts';

/** Beside a healthy stack, looks only if a record mentions another generation: a look at every process costs milliseconds. */
export function leftBehind(
  stack: Stack,
  instance: Instance | null,
  healthy: boolean,
): Pick<StatusReport, 'orphans' | 'suspects'> {
  const running = runningOf(stack, instance);
  if (running && healthy && stack.records().every(({ id }) => running.ids.has(id)))
    return { orphans: [], suspects: [] };
  const search = stack.search(instance?.server ?? null);
  const left = everybody(search).filter((member) => isLeftover({ pid: member.row.pid, ...member }, running));
  return { orphans: left.map(survivorOf), suspects: onePerGroup(search.strays()).map(survivorOf) };
}

/** Naming one to `reap` names its group. */
const onePerGroup = (strays: readonly Member[]): readonly Member[] =>
  strays.filter(({ row }, at) => strays.findIndex((one) => one.row.group === row.group) === at);
