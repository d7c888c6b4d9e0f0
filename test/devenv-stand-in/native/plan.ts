/** What a native manager runs: read once at its start, kept for its life. */
import type { Probe } from '../evaluate.ts';
import type { ProcessTask } from '../generate/tasks.ts';
import { plain, taskPrefix } from '../generate/tasks.ts';
import type { Settings } from '../settings.ts';

export interface NativeProcess {
  readonly name: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly ready: Probe | null;
  readonly restart: 'never' | 'always' | 'on_failure';
  readonly maxRestarts: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly after: readonly { readonly name: string; readonly on: string }[];
}

/** `daemon-config.json`: `Config` of v2.2.2:devenv-tasks/src/config.rs, the same in 2.1. */
export interface DaemonConfig {
  readonly tasks: readonly ProcessTask[];
  readonly roots: readonly string[];
  readonly run_mode: 'before';
  /** `R/processes`. */
  readonly runtime_dir: string;
  readonly cache_dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly bash: string;
  readonly ignore_process_deps: false;
}

export interface Plan {
  readonly processes: readonly NativeProcess[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly root: string;
  readonly verbs: readonly string[];
}

export const planOf = (config: DaemonConfig, { cli }: Settings, root: string): Plan => ({
  processes: nativeProcesses(config.tasks),
  env: config.env,
  directory: config.runtime_dir,
  root,
  verbs: cli.native?.api ?? [],
});

const nativeProcesses = (tasks: readonly ProcessTask[]): readonly NativeProcess[] =>
  tasks.map((task) => ({
    name: task.name.slice(taskPrefix.length),
    command: task.command,
    env: task.process.env,
    enabled: task.process.start.enable,
    ready: (task.process.ready as Probe | null) ?? null,
    restart: task.process.restart.on as NativeProcess['restart'],
    maxRestarts: task.process.restart.max ?? Infinity,
    ports: task.process.ports,
    after: task.after.map((reference) => ({
      name: plain(reference),
      on: reference.split('@')[1] ?? 'ready',
    })),
  }));

/** Whether anything tells that it is ready. */
export const isProbed = ({ ready, ports }: Pick<NativeProcess, 'ready' | 'ports'>): boolean =>
  ready !== null || Object.keys(ports).length > 0;

/** Why the manager will not run these; null: it will. */
export function refusal(tasks: readonly ProcessTask[], { refuses }: Settings): string | null {
  const processes = nativeProcesses(tasks);
  const invalid = tasks.find(({ name }) => !/^[A-Za-z0-9_:-]+$/.test(name));
  if (invalid) return `Invalid task name: ${invalid.name}`;
  if (processes.some(({ name }) => name === refuses)) return `${refuses} is not for this manager`;
  const names = new Set(processes.map(({ name }) => name));
  for (const { name, after } of processes)
    for (const one of after) {
      if (!/^(?:started|ready|succeeded|completed)$/.test(one.on))
        return `Invalid dependency '${one.name}@${one.on}'`;
      if (!names.has(one.name))
        return `Task ${taskPrefix}${one.name} not found, needed by ${taskPrefix}${name}`;
    }
  return null;
}
