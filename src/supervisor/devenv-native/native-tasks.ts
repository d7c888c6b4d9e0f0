/** A task file as devenv's native manager reads it: what each process declares, and what waits for what (pure). */
import type { Condition } from '../../core/service.ts';

export interface NativeTask {
  /** The whole name: `devenv:processes:web`. */
  readonly name: string;
  readonly type: 'process' | 'oneshot';
  /** null: it is no process. */
  readonly process: Declared | null;
  /** A script of the store, or a text. */
  readonly command: string;
  readonly cwd: string | null;
  /** Names with their condition, `before` of others turned round. */
  readonly after: readonly Waits[];
  /** As they are written. */
  readonly references: readonly Reference[];
}

/** `devenv:processes:db@ready`. */
export interface Reference {
  readonly name: string;
  /** null: none was written. */
  readonly kind: string | null;
  readonly isBefore: boolean;
}

export interface Waits {
  readonly name: string;
  readonly condition: Condition;
}

export interface Declared {
  readonly service: string;
  readonly ready: Plain | null;
  readonly restart: string | null;
  readonly disabled: boolean;
  readonly watched: boolean;
  readonly ports: readonly number[];
  /** It listens on TCP through a socket that the manager opens for it. */
  readonly listens: boolean;
  readonly graceMs: number | null;
}

type Plain = Readonly<Record<string, unknown>>;

const prefix = 'devenv:processes:';

/** null: the text is no task file. */
export function readNativeTasks(text: string): readonly NativeTask[] | null {
  const tasks = rawTasks(text);
  if (tasks === null) return null;
  const read = tasks.map((task): Omit<NativeTask, 'after'> => {
    const name = textOf(task['name']);
    return {
      name,
      type: typeOf(name, task['type']),
      process: declared(name, asPlain(task['process'])),
      command: textOf(task['command']),
      cwd: typeof task['cwd'] === 'string' ? task['cwd'] : null,
      references: [
        ...texts(task['after']).map((written) => reference(written, false)),
        ...texts(task['before']).map((written) => reference(written, true)),
      ],
    };
  });
  const types = new Map(read.map(({ name, type }) => [name, type]));
  return read.map((task) => {
    const own = task.references
      .filter(({ isBefore }) => !isBefore)
      .map(({ name, kind }) => waits(name, kind, types.get(name)));
    const turned = read.flatMap((other) =>
      other.references
        .filter(({ isBefore, name }) => isBefore && name === task.name)
        .map(({ kind }) => waits(other.name, kind, other.type)),
    );
    const after = [...own, ...turned];
    return {
      ...task,
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

/** Older ones do not say. */
const typeOf = (name: string, type: unknown): NativeTask['type'] =>
  type === 'process' || (type === undefined && name.startsWith(prefix)) ? 'process' : 'oneshot';

function reference(text: string, isBefore: boolean): Reference {
  const at = text.lastIndexOf('@');
  return at === -1
    ? { name: text, kind: null, isBefore }
    : { name: text.slice(0, at), kind: text.slice(at + 1), isBefore };
}

/** Where nothing is said, a process is waited for until it is ready, and a task until it succeeded. */
function waits(name: string, kind: string | null, type: NativeTask['type'] = 'process'): Waits {
  const meant = kind ?? (type === 'process' ? 'ready' : 'succeeded');
  return { name, condition: conditions[meant] ?? 'process_healthy' };
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
    listens:
      Array.isArray(process['listen']) && process['listen'].some((one) => asPlain(one)?.['kind'] === 'tcp'),
    graceMs: Number.isFinite(grace) && grace > 0 ? grace * 1000 : null,
  };
}

/** Whether the manager can tell that it is ready; without a probe of its own, a port that it was given is tried. */
export const isProbed = ({ ready, ports, listens }: Declared): boolean =>
  ready !== null || ports.length > 0 || listens;

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
