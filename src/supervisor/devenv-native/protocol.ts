/** The answers of devenv's native manager as data; null: this is no such answer (pure). */

/** One process as it is listed. */
export interface Listed {
  readonly name: string;
  readonly phase: string;
  readonly restarts: number;
  /** The ports that it was given, which need not be those that are declared. */
  readonly ports: readonly number[];
}

export interface Logged {
  readonly stdout: string;
  readonly stderr: string;
}

/** `{"status":"process_list","processes":[…]}`, sorted by name. */
export function readList(answer: unknown): readonly Listed[] | null {
  const list = withStatus(answer, 'process_list')?.['processes'];
  if (!Array.isArray(list)) return null;
  const listed = list.map(readListed);
  return listed.every((one) => one !== null) ? listed.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : null;
}

/** 2.0 and 2.1 may leave the ports out. */
function readListed(value: unknown): Listed | null {
  if (!isObject(value)) return null;
  const { name, phase, restart_count: restarts = 0, ports = [] } = value;
  if (typeof name !== 'string' || typeof phase !== 'string' || typeof restarts !== 'number') return null;
  const texts = Array.isArray(ports) ? ports : [];
  const numbers = texts.map((port) => Number(/(\d+)$/.exec(String(port))?.[1]));
  return { name, phase, restarts, ports: numbers.filter((port) => port > 0 && port <= 65_535) };
}

/** `{"status":"process_logs","stdout":"…","stderr":"…"}`. */
export function readLogged(answer: unknown): Logged | null {
  const { stdout, stderr } = withStatus(answer, 'process_logs') ?? {};
  return typeof stdout === 'string' && typeof stderr === 'string' ? { stdout, stderr } : null;
}

/** `{"status":"ok"}`. */
export const readDone = (answer: unknown): true | null => (withStatus(answer, 'ok') ? true : null);

/** `{"status":"error","message":"process 'x' not found"}`. */
export function readRefusal(answer: unknown): string | null {
  const message = withStatus(answer, 'error')?.['message'];
  return typeof message === 'string' ? message : null;
}

/** `failed to stop process 'x': Process x is already stopped, cannot stop`; one that is only starting is told apart. */
export const saysNotRunning = (message: string): boolean =>
  /not (?:running|found)|already stopped|auto start off|waiting for dependencies/.test(message);

function withStatus(answer: unknown, status: string): Readonly<Record<string, unknown>> | null {
  return isObject(answer) && answer['status'] === status ? answer : null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
