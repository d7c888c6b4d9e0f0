/** A devenv.nix without processes, told as that: each release has other words for it, or an option that nobody can set. */
import { join } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail } from '../../core/result.ts';
import { noProcesses } from './evaluation-failure.ts';

/** The same result, unless it failed for want of processes. */
export function unlessUndeclared<T>(root: string, result: Result<T>): Result<T> {
  if (result.ok || result.failure.reason !== 'stack-config-bad') return result;
  const [problem] = result.failure.problems;
  return problem && noProcesses.test(problem.message) ? fail(undeclared(root)) : result;
}

/** Whether an environment has tasks, and none of them is a process: since 1.9 each process is one. */
export const hasNoProcesses = (variables: Environment): boolean =>
  variables['DEVENV_TASK_FILE'] !== undefined &&
  variables['DEVENV_TASKS'] !== undefined &&
  !variables['DEVENV_TASKS'].includes('"devenv:processes:');

export const undeclared = (root: string) =>
  ({
    reason: 'stack-config-bad',
    problems: [
      {
        file: join(root, 'devenv.nix'),
        message: 'no processes are declared',
        hint: 'declare one, such as `processes.web.exec = "…";`',
      },
    ],
    untouched: true,
  }) as const;
