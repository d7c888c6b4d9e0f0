/** tasks.json: the processes as tasks, one a line, name before command, for the wrapper that reads it without a parser. */
import type { Config } from '../evaluate.ts';
import type { Session } from '../session.ts';

export interface ProcessTask {
  readonly name: string;
  readonly type: 'process';
  readonly command: string;
  readonly cwd: string | null;
  readonly process: {
    readonly start: { readonly enable: boolean };
    readonly ready: unknown;
    readonly restart: { readonly on: string; readonly max: number | null };
    readonly ports: Readonly<Record<string, number>>;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly after: readonly string[];
}

export const taskPrefix = 'devenv:processes:';

export function processTasks(session: Session, config: Config): readonly ProcessTask[] {
  const before = Object.entries(config.processes).flatMap(([name, { before: others = [] }]) =>
    others.map((other) => ({ other: plain(other), name })),
  );
  return Object.entries(config.processes).map(([name, process]) => ({
    name: `${taskPrefix}${name}`,
    type: 'process',
    command: processScript(session, name, process.exec, process.cwd ?? null),
    cwd: process.cwd ?? null,
    process: {
      start: process.start ?? { enable: true },
      ready: process.ready ?? null,
      restart: process.restart ?? { on: 'on_failure', max: 5 },
      ports: Object.fromEntries(
        Object.entries(process.ports ?? {}).map(([port, { value }]) => [port, value ?? 0]),
      ),
      env: Object.fromEntries(Object.entries(process.env ?? {}).map(([key, value]) => [key, String(value)])),
    },
    after: [
      ...(process.after ?? []),
      ...before
        .filter(({ other }) => other === name)
        .map((one) => `${taskPrefix}${one.name}@${afterBefore(config, one.name)}`),
    ],
  }));
}

/** What `before` waits for: readiness where there is a probe. */
const afterBefore = (config: Config, name: string): string =>
  config.processes[name]?.ready ? 'ready' : 'started';

/** `devenv:processes:db@ready` → `db`. */
export const plain = (reference: string): string => reference.replace(taskPrefix, '').replace(/@.*$/, '');

export function processScript(session: Session, name: string, exec: string, cwd: string | null): string {
  const enter = cwd === null ? '' : `cd ${JSON.stringify(cwd)}\n`;
  return session.store.file(
    `devenv-processes-${name}`,
    `#!${session.packages.bash}\nset -e\n${enter}${exec}\n`,
    true,
  );
}

export function tasksText(tasks: readonly ProcessTask[]): string {
  return `[\n${tasks.map((task) => JSON.stringify(task)).join(',\n')}\n]\n`;
}
