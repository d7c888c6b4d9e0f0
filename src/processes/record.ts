/** Decides whether a value is an instance record: one that is only half right must never lead to a signal. */
import type { Check } from '../core/check.ts';
import { fieldsOf, isNumber, isText, listOf, nullOr } from '../core/check.ts';
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

/** Pids 0 and 1, and negative ones, mean groups or everybody to kill(2). */
const pid: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 1;
const ticks: Check = (value) => typeof value === 'string' && /^\d+$/.test(value);
const uuid: Check = (value) => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
const key: Check = (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);

const instance = fieldsOf({
  id: uuid,
  key,
  root: isText,
  bootId: isText,
  owner: (value) => value === 'upkeep' || value === 'external',
  server: nullOr(fieldsOf({ pid, startTime: ticks })),
  endpoint: isText,
  startedAt: isText,
  argv: listOf(isText),
  cwd: isText,
  files: listOf(isText),
  canary: nullOr(fieldsOf({ path: isText, dev: isNumber, ino: isNumber })),
  members: listOf(
    fieldsOf({ pid, startTime: ticks, service: nullOr(isText), group: isNumber, session: isNumber }),
  ),
  ports: listOf(isNumber),
  services: listOf(isText),
  fingerprint: nullOr(isText),
} satisfies Record<Exclude<keyof InstanceRecord, 'schema'>, Check>);

export const isInstanceRecord = (value: unknown): value is InstanceRecord => instance(value);
