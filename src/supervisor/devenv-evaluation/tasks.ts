/** What devenv's processes really run: their text stands in tasks.json, or in a script of the store, not in the YAML. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServiceDefinition } from '../../core/service.ts';

interface Task {
  readonly name?: unknown;
  /** A script of the store, or a text. */
  readonly command?: unknown;
  readonly cwd?: unknown;
  /** 2.x: what the process declares. */
  readonly process?: {
    readonly watch?: { readonly paths?: unknown } | null;
    readonly ports?: unknown;
  } | null;
}

/** By the name of the process. Empty where the text is none of tasks. Never throws. */
export function readTasks(text: string): ReadonlyMap<string, Task> {
  try {
    const content: unknown = JSON.parse(text);
    const inner = Array.isArray(content) ? content : (content as { tasks?: unknown } | null)?.tasks;
    const tasks = (Array.isArray(inner) ? inner : []) as readonly (Task | null)[];
    return new Map(tasks.flatMap((task) => (task ? [[processName(task), task] as const] : [])));
  } catch {
    return new Map();
  }
}

const prefix = 'devenv:processes:';
const processName = ({ name }: Task): string =>
  typeof name === 'string' && name.startsWith(prefix) ? name.slice(prefix.length) : '';

/** The file that a generated command line names; null: the release runs its processes without tasks. */
export function taskFileIn(commands: readonly string[]): string | null {
  for (const command of commands) {
    const path = /--task-file[= ]+["']?(\/[^\s"']+)/.exec(command)?.[1];
    if (path !== undefined) return path;
  }
  return null;
}

/** The same service with its own text for a command, and what only tasks.json says of it. */
export function withOwnText(
  service: ServiceDefinition,
  tasks: ReadonlyMap<string, Task>,
  root: string,
): ServiceDefinition {
  const runs = /\bdevenv-tasks\b.*\bdevenv:processes:([^\s"']+)/s.exec(service.command)?.[1];
  const task = tasks.get(runs ?? service.name);
  const command = typeof task?.command === 'string' ? task.command : service.command;
  const own = portsOf(task?.process?.ports);
  const watched = Array.isArray(task?.process?.watch?.paths) && task.process.watch.paths.length > 0;
  return {
    ...service,
    command: scriptText(command) ?? command,
    workingDirectory: typeof task?.cwd === 'string' ? resolve(root, task.cwd) : service.workingDirectory,
    ports: own.length > 0 ? own : service.ports,
    watchedByManager: service.watchedByManager || watched,
  };
}

/** `{ http: { value: 8080 } }`, `{ http: 8080 }` or `["http:8080"]`. */
function portsOf(ports: unknown): readonly number[] {
  const values = Array.isArray(ports)
    ? ports.map((port) => Number(/(\d+)$/.exec(String(port))?.[1]))
    : Object.values(ports ?? {}).map((port) =>
        Number(
          (port as { value?: unknown } | null)?.value ?? (port as { allocate?: unknown })?.allocate ?? port,
        ),
      );
  return values.filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535);
}

const byteLimit = 64 * 1024;

/** The text of `exec /nix/store/…-web` without its first line; null: it is no script that can be read. */
export function scriptText(command: string): string | null {
  const path = /^\s*(?:exec\s+)?(\/[^\s"'$`;|&]+)\s*$/.exec(command)?.[1];
  if (path === undefined) return null;
  try {
    if (statSync(path).size > byteLimit) return null;
    const text = readFileSync(path, 'utf8');
    return /^#!.*\b(?:ba|da|z|k|a)?sh\b/.test(text) ? text.slice(text.indexOf('\n') + 1).trim() : null;
  } catch {
    return null;
  }
}
