/** A task file as devenv's native manager reads it: what each process declares, and what waits for what (pure). */
import type { Condition } from '../../core/service.ts';

export interface NativeTask {
  /** The whole name: `devenv:processes:web`. */
  readonly name: string;
  /** null: it is no process. */
  readonly process: Declared | null;
  /** A script of the store, or a text. */
  readonly command: string;
  readonly cwd: string | null;
  /** Names with their condition, `before` of others turned round. */
  readonly after: readonly Waits[];
}

export interface Waits {
  readonly name: string;
  readonly condition: Condition;
  /** What stands behind the `@`, where devenv knows no such condition. */
  readonly unknown?: string;
}

interface Declared {
  readonly service: string;
  readonly ready: Plain | null;
  readonly restart: string | null;
  readonly disabled: boolean;
  readonly watched: boolean;
  readonly ports: readonly number[];
  readonly graceMs: number | null;
}

type Plain = Readonly<Record<string, unknown>>;

const prefix = 'devenv:processes:';

/** null: the text is no task file. */
export function readNativeTasks(text: string): readonly NativeTask[] | null {
  const tasks = rawTasks(text);
  if (tasks === null) return null;
  const turned = tasks.flatMap((task) =>
    texts(task['before']).map((reference) => ({ of: waits(reference).name, name: textOf(task['name']) })),
  );
  return tasks.map((task) => {
    const name = textOf(task['name']);
    const before = turned
      .filter(({ of }) => of === name)
      .map((one): Waits => ({ name: one.name, condition: 'process_started' }));
    const after = [...texts(task['after']).map(waits), ...before];
    return {
      name,
      process: declared(name, asPlain(task['process'])),
      command: textOf(task['command']),
      cwd: typeof task['cwd'] === 'string' ? task['cwd'] : null,
      after: after.filter((one, at) => after.findIndex((other) => other.name === one.name) === at),
    };
  });
}

/** As they stand there. null: the text is no task file. */
export function rawTasks(text: string): readonly Plain[] | null {
  const content = parse(text);
  const inner = Array.isArray(content) ? content : asPlain(content)?.['tasks'];
  return Array.isArray(inner) ? inner.map(asPlain).filter((task) => task !== null) : null;
}

/** `devenv:processes:db@ready`. */
function waits(reference: string): Waits {
  const [name = '', on = ''] = reference.split('@');
  const condition = conditions[on];
  if (condition !== undefined || on === '') return { name, condition: condition ?? 'process_healthy' };
  return { name, condition: 'process_healthy', unknown: on };
}

const conditions: Readonly<Record<string, Condition>> = {
  started: 'process_started',
  ready: 'process_healthy',
  completed: 'process_completed',
  succeeded: 'process_completed_successfully',
};

function declared(name: string, process: Plain | null): Declared | null {
  if (process === null || !name.startsWith(prefix)) return null;
  const restart = asPlain(process['restart'])?.['on'];
  const grace = Number(asPlain(process['shutdown'])?.['grace'] ?? Number.NaN);
  const watched = asPlain(process['watch'])?.['paths'];
  return {
    service: name.slice(prefix.length),
    ready: asPlain(process['ready']),
    restart: typeof restart === 'string' ? restart : null,
    disabled: asPlain(process['start'])?.['enable'] === false,
    watched: Array.isArray(watched) && watched.length > 0,
    ports: portsOf(process['ports']),
    graceMs: Number.isFinite(grace) && grace > 0 ? grace * 1000 : null,
  };
}

/** `{ http: 8080 }` or `{ http: { allocate: 8080, value: 8081 } }`. */
function portsOf(ports: unknown): readonly number[] {
  const values = Object.values(asPlain(ports) ?? {}).map((port) => {
    const inner = asPlain(port);
    return Number(inner ? (inner['value'] ?? inner['allocate']) : port);
  });
  return values.filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const asPlain = (value: unknown): Plain | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
