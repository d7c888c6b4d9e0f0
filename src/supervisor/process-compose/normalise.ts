/** Translates the bodies of any release into upkeep's own types; null: it is not such a body. */
import type { Check } from '../../core/check.ts';
import { fieldsOf, isFlag, isNumber, isText, listOf, nullOr, optional } from '../../core/check.ts';
import type { ServiceState } from '../../core/service.ts';
import type { ProjectInfo } from '../port.ts';
import type { ErrorBody, LogsBody, ProcessBody, ProcessesBody, ProjectBody } from './api-types.ts';

/** `GET /processes`, sorted by name: the server sends them in the random order of a Go map. */
export function readProcesses(body: unknown): readonly ServiceState[] | null {
  if (!hasShape<ProcessesBody>(body, { data: nullOr(listOf(isProcess)) })) return null;
  return (body.data ?? []).map(toState).toSorted(byName);
}

/** `GET /project/state`. */
export function readProject(body: unknown): ProjectInfo | null {
  const shape = { version: isText, startTime: isText, fileNames: optional(nullOr(listOf(isText))) };
  if (!hasShape<ProjectBody>(body, shape)) return null;
  return { version: body.version, startedAt: body.startTime, fileNames: body.fileNames ?? [] };
}

/** `GET /process/logs/…`. */
export function readLogs(body: unknown): readonly string[] | null {
  return hasShape<LogsBody>(body, { logs: nullOr(listOf(isText)) }) ? (body.logs ?? []) : null;
}

/** The message of a refusal. */
export function readError(body: unknown): string | null {
  return hasShape<ErrorBody>(body, { error: isText }) ? body.error : null;
}

/** `GET /live`. */
export function readLive(body: unknown): true | null {
  return hasShape<{ status: string }>(body, { status: isText }) && body.status === 'alive' ? true : null;
}

const byName = (a: ServiceState, b: ServiceState): number => (a.name < b.name ? -1 : 1);

function toState(body: ProcessBody): ServiceState {
  const { namespace } = body;
  return {
    name: body.name,
    namespace: typeof namespace === 'object' ? namespace.join(',') : (namespace ?? 'default'),
    status: body.status,
    isReady: readiness[body.is_ready ?? '-'] ?? 'unknown',
    hasProbe: body.has_ready_probe ?? null,
    restarts: body.restarts ?? 0,
    exitCode: body.exit_code ?? 0,
    isRunning: body.is_running ?? body.IsRunning ?? alive.includes(body.status),
    pid: body.pid || null, // 0: never ran
    ageNs: body.age ?? 0,
    successExitCodes: body.success_exit_codes ?? [],
  };
}

const readiness: Readonly<Record<string, ServiceState['isReady']>> = {
  Ready: 'ready',
  'Not Ready': 'not-ready',
};
const alive: readonly string[] = ['Running', 'Launching', 'Launched'];

const isProcess: Check = (value) =>
  hasShape<ProcessBody>(value, {
    name: isText,
    status: isText,
    namespace: optional((given) => isText(given) || listOf(isText)(given)),
    is_ready: optional(isText),
    has_ready_probe: optional(isFlag),
    restarts: optional(isNumber),
    exit_code: optional(isNumber),
    success_exit_codes: optional(nullOr(listOf(isNumber))),
    pid: optional(isNumber),
    age: optional(isNumber),
    is_running: optional(isFlag),
    IsRunning: optional(isFlag),
  });

/** Every field that T names is checked: a key that is missing here does not compile. */
function hasShape<T>(value: unknown, checks: { readonly [Key in keyof Required<T>]: Check }): value is T {
  return fieldsOf(checks)(value);
}
