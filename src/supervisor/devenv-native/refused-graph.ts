/** What the native manager would refuse only when it starts, after the old stack is gone: names, what is waited for, and circles. */
import { join } from 'node:path';
import type { ConfigProblem } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { placeOfOption } from '../devenv-evaluation/option-place.ts';
import type { NativeTask } from './native-tasks.ts';
import { refusedReference } from './refused-reference.ts';

/** `stack-config-bad`, every problem at once. Reads devenv.nix to find the places. */
export function checkGraph(tasks: readonly NativeTask[], root: string): Result<void> {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const misnamed = tasks
    .filter(({ name }) => !taskName.test(name))
    .map((task) => problem(root, task, 'its name may only have letters, digits, - and _'));
  const refused = tasks.flatMap((task) =>
    task.references.flatMap((reference) => {
      const why = refusedReference(byName, task, reference);
      return why === null ? [] : [problem(root, task, why)];
    }),
  );
  const wrong = [...misnamed, ...refused];
  const circle = wrong.length > 0 ? null : circleIn(tasks);
  const [first] = circle ?? [];
  const round = circle?.map(({ name }) => name).join(' → ') ?? '';
  const problems = first ? [problem(root, first, `it waits for itself: ${round} → ${first.name}`)] : wrong;
  return problems.length > 0
    ? fail({ reason: 'stack-config-bad', problems, untouched: true })
    : ok(undefined);
}

const taskName = /^[\w-][\w:-]*:[\w:-]*[\w-]$/;

function problem(root: string, task: NativeTask, what: string): ConfigProblem {
  const file = join(root, 'devenv.nix');
  const service = task.process?.service;
  const place = service === undefined ? null : placeOfOption(file, `processes.${service}`);
  return { file, ...place, message: `${service ?? task.name}: ${what}` };
}

/** The tasks of one circle, in order; null: there is none. */
function circleIn(tasks: readonly NativeTask[]): readonly NativeTask[] | null {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const done = new Set<NativeTask>();
  const walk = (task: NativeTask, path: readonly NativeTask[]): readonly NativeTask[] | null => {
    if (path.includes(task)) return path.slice(path.indexOf(task));
    if (done.has(task)) return null;
    for (const { name } of task.after) {
      const next = byName.get(name);
      const found = next ? walk(next, [...path, task]) : null;
      if (found) return found;
    }
    done.add(task);
    return null;
  };
  for (const task of tasks) {
    const found = walk(task, []);
    if (found) return found;
  }
  return null;
}
