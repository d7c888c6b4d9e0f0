/** Decides whether a value is an instance record: one that is only half right must never lead to a signal. */
import type { ProcessId } from '../core/process.ts';

export interface RecordedMember extends ProcessId {
  readonly service: string | null;
  readonly group: number;
  readonly session: number;
}

export interface InstanceRecord {
  readonly schema: 1;
  /** A uuid; the name of the file. */
  readonly id: string;
  readonly key: string;
  readonly root: string;
  readonly bootId: string;
  readonly owner: 'upkeep' | 'external';
  /** null: recorded before the server was launched. */
  readonly server: ProcessId | null;
  /** `unix:/abs` or `http://host:port`. */
  readonly endpoint: string;
  readonly startedAt: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly files: readonly string[];
  readonly canary: { readonly path: string; readonly dev: number; readonly ino: number } | null;
  readonly members: readonly RecordedMember[];
  readonly ports: readonly number[];
  readonly services: readonly string[];
  readonly fingerprint: string | null;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
/** Pids 0 and 1, and negative ones, mean groups or everybody to kill(2). */
const pid: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 1;
const ticks: Check = (value) => typeof value === 'string' && /^\d+$/.test(value);
const uuid: Check = (value) => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
const key: Check = (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);

const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check(Reflect.get(value, name)));

const instance = shape({
  id: uuid,
  key,
  root: text,
  bootId: text,
  owner: (value) => value === 'upkeep' || value === 'external',
  server: nullable(shape({ pid, startTime: ticks })),
  endpoint: text,
  startedAt: text,
  argv: listOf(text),
  cwd: text,
  files: listOf(text),
  canary: nullable(shape({ path: text, dev: number, ino: number })),
  members: listOf(shape({ pid, startTime: ticks, service: nullable(text), group: number, session: number })),
  ports: listOf(number),
  services: listOf(text),
  fingerprint: nullable(text),
} satisfies Record<Exclude<keyof InstanceRecord, 'schema'>, Check>);

export const isInstanceRecord = (value: unknown): value is InstanceRecord => instance(value);
