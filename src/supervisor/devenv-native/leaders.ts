/** Which process runs which service: the manager tells no pids, so it is read from the processes that it started. */
import { readArgv, readEnvironment, serviceByLog } from '../../processes/evidence.ts';
import { childrenOf } from '../../processes/running-program.ts';
import { runningForMs } from '../../processes/since.ts';
import { readRow } from '../../processes/table.ts';
import type { ProcessRow } from '../../core/process.ts';
import { isDead } from '../../core/process.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { readTasks } from '../devenv-evaluation/tasks.ts';
import type { Leader } from './service-state.ts';

/** By service. A child of the manager leads a session of its own; of two under one name the younger one is meant. */
export function leadersOf(manager: number): ReadonlyMap<string, Leader> {
  const rows = childrenOf(manager)
    .map((pid) => readRow(pid))
    .filter((row) => row !== null && !isDead(row) && row.pid === row.session)
    .toSorted((a, b) => Number(a?.startTime) - Number(b?.startTime));
  return new Map(
    rows.flatMap((row) => {
      const name = row && serviceOf(row);
      return row && name !== null
        ? [[name, { pid: row.pid, ageMs: runningForMs(row.startTime) }] as const]
        : [];
    }),
  );
}

/** Its output goes into a log of its name; where it does not, the script that it runs is named in the task file. */
function serviceOf(row: ProcessRow): string | null {
  return serviceByLog(row.pid) ?? serviceByTask(row.pid);
}

function serviceByTask(pid: number): string | null {
  const file = readEnvironment(pid)?.['DEVENV_TASK_FILE'];
  const argv = readArgv(pid) ?? [];
  const tasks = readTasks((file === undefined ? null : readText(file)) ?? '');
  for (const [name, { command }] of tasks)
    if (name !== '' && typeof command === 'string' && argv.includes(command)) return name;
  return null;
}
