/** What the native manager would refuse only when it starts, after the old stack is gone: names, conditions and circles of what waits. */
import { join } from 'node:path';
import type { ConfigProblem } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { placeOfOption } from '../devenv-evaluation/option-place.ts';
import type { NativeTask } from './native-tasks.ts';

/** `stack-config-bad`, every problem at once. Reads devenv.nix to find the places. */
export function checkGraph(tasks: readonly NativeTask[], root: string): Result<void> {
  // A prefix may stand for all tasks below it: refusing what the manager would take is worse than the reverse.
  const exists = (wanted: string): boolean =>
    tasks.some(({ name }) => name === wanted || name.startsWith(`${wanted}:`));
  const missing = tasks.flatMap((task) =>
    task.after
      .filter(({ name }) => !exists(name))
      .map(({ name }) => problem(root, task, `it waits for ${name}, which does not exist`)),
  );
  const unfit = tasks
    .filter(({ name }) => !nameRule.test(name))
    .map((task) => problem(root, task, 'devenv takes names of letters, digits, `_` and `-` only'));
  const unknown = tasks.flatMap((task) =>
    task.after
      .filter(({ unknown: word }) => word !== undefined)
      .map(({ name, unknown: word }) =>
        problem(
          root,
          task,
          `it waits for ${name}@${word}; there are @started, @ready, @succeeded and @completed`,
        ),
      ),
  );
  const circle = missing.length > 0 ? null : circleIn(tasks);
  const [first] = circle ?? [];
  const round = circle?.map(({ name }) => name).join(' → ') ?? '';
  const problems = first ? [problem(root, first, `it waits for itself: ${round} → ${first.name}`)] : missing;
  const all = [...unfit, ...unknown, ...problems];
  return all.length > 0
    ? fail({ reason: 'stack-config-bad', problems: all, untouched: true })
    : ok(undefined);
}

/** A namespace, a name, nothing else (v2.2.2:devenv-tasks/src/tasks.rs, the same in 2.1). */
const nameRule = /^[A-Za-z0-9_-][A-Za-z0-9_:-]*:[A-Za-z0-9_:-]*[A-Za-z0-9_-]$/;

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
