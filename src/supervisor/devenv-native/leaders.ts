/** Which process runs which service: the manager tells no pids, so it is read from the processes that it started. */
import { readArgv, readEnvironment, serviceByLog } from '../../processes/evidence.ts';
import { childrenOf, listsChildren } from '../../processes/running-program.ts';
import { runningForMs } from '../../processes/since.ts';
import { readRow } from '../../processes/table.ts';
import type { ProcessRow } from '../../core/process.ts';
import { isDead } from '../../core/process.ts';
import { readText } from '../devenv-evaluation/places.ts';
import { readTasks } from '../devenv-evaluation/tasks.ts';
import { isProbed, readNativeTasks } from './native-tasks.ts';
import type { Leader } from './service-state.ts';

export interface Leaders {
  readonly byService: ReadonlyMap<string, Leader>;
  /** Every child of the manager is one of them: a service that is missing has no process. */
  readonly complete: boolean;
}

/** A child of the manager leads a session of its own; of two under one name the younger one is meant. */
export function leadersOf(manager: number): Leaders {
  const rows = childrenOf(manager)
    .map((pid) => readRow(pid))
    .filter((row) => row !== null && !isDead(row) && row.pid === row.session)
    .toSorted((a, b) => Number(a?.startTime) - Number(b?.startTime));
  const byService = new Map<string, Leader>();
  let complete = listsChildren(manager);
  for (const row of rows) {
    const name = row && serviceOf(row);
    if (row && name !== null) byService.set(name, { pid: row.pid, ageMs: runningForMs(row.startTime) });
    else complete = false;
  }
  return { byService, complete };
}

/** As the task file says that it was started with; null: nobody can tell. */
export function isProbedLeader({ pid }: Leader, service: string): boolean | null {
  const file = readEnvironment(pid)?.['DEVENV_TASK_FILE'];
  const tasks = file === undefined ? null : readNativeTasks(readText(file) ?? '');
  const task = tasks?.find(({ process }) => process?.service === service);
  return task?.process ? isProbed(task.process) : null;
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
