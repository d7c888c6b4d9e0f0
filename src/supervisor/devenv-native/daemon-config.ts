/**
 * What devenv's daemon is told to run, as `devenv up -d` would write it, less the environment (pure). The same in devenv 2.1 and
 * 2.2 (devenv-tasks/src/config.rs); what it does not know it leaves alone, and what is missing has a default there.
 */
import { asPlain, rawTasks } from './native-tasks.ts';

export interface DaemonAsk {
  /** Text of the task file. */
  readonly tasks: string;
  /** `devenv up web api`: those and what they wait for; empty, or none of them is there any more: all. */
  readonly names: readonly string[];
  /** `DEVENV_RUNTIME` and `DEVENV_DOTFILE`. */
  readonly runtime: string;
  readonly dotfile: string;
  /** The bash that runs readiness probes. */
  readonly bash: string;
}

type Plain = Readonly<Record<string, unknown>>;

const prefix = 'devenv:processes:';

/** null: the text is no task file. */
export function daemonConfig(ask: DaemonAsk): Plain | null {
  const tasks = rawTasks(ask.tasks);
  if (tasks === null) return null;
  const all = tasks.map(nameOf).filter((name) => name.startsWith(prefix));
  const named = ask.names.map((name) => `${prefix}${name}`).filter((name) => all.includes(name));
  return {
    tasks: named.length === 0 ? tasks : onlyThese(tasks, named),
    roots: named.length === 0 ? all : named,
    run_mode: 'before',
    runtime_dir: `${ask.runtime}/processes`,
    cache_dir: `${ask.dotfile}/state`,
    bash: ask.bash,
    ignore_process_deps: false,
  };
}

/** Named ones start although they are disabled, and what they need as it is configured; all others stay down. */
function onlyThese(tasks: readonly Plain[], named: readonly string[]): readonly Plain[] {
  const needed = new Set(named);
  for (const name of needed) for (const other of neededBy(tasks, name)) needed.add(other);
  return tasks.map((task) => {
    const name = nameOf(task);
    if (!name.startsWith(prefix)) return task;
    const process = asPlain(task['process']) ?? {};
    const start = asPlain(process['start']) ?? {};
    const enable = named.includes(name) || (needed.has(name) && start['enable'] !== false);
    return { ...task, process: { ...process, start: { ...start, enable } } };
  });
}

function neededBy(tasks: readonly Plain[], name: string): readonly string[] {
  const after = tasks.filter((task) => nameOf(task) === name).flatMap((task) => references(task, 'after'));
  const before = tasks.filter((task) => references(task, 'before').includes(name)).map(nameOf);
  return [...after, ...before];
}

/** Without the condition: `devenv:processes:db@ready`. */
const references = (task: Plain, key: 'after' | 'before'): readonly string[] => {
  const listed = task[key];
  return Array.isArray(listed) ? listed.map((one) => String(one).replace(/@.*$/, '')) : [];
};

const nameOf = ({ name }: Plain): string => (typeof name === 'string' ? name : '');
