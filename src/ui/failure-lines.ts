/** One line, or a few, for each thing that a failure names: a problem, a record, a port, a process, a service. */
import type { ConfigProblem, Failure } from '../core/failure.ts';
import type { PortHolder, ServiceTrouble, Survivor } from '../core/trouble.ts';
import { seconds } from './duration.ts';

export function problemLine(problem: ConfigProblem): string {
  const where = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `  ${where}: ${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`;
}

export function recordText(failure: Extract<Failure, { reason: 'record-invalid' }>): string {
  const what = {
    corrupt: 'is damaged',
    empty: 'is empty',
    newer: 'was written by a newer upkeep',
    'foreign-boot': 'is from before the last boot',
  }[failure.problem];
  return `the record ${failure.path} ${what}: ${failure.detail}`;
}

/** The record of an instance is never written again: it named processes that may still be alive. */
export function recordMove({ path, problem }: Extract<Failure, { reason: 'record-invalid' }>): string {
  if (problem === 'newer') return 'Update this upkeep.';
  return path.includes('/instances/')
    ? '`upkeep ps` finds what lives without it; `upkeep reap` removes it, or says why not.'
    : '`upkeep restart` writes a new one.';
}

export function notReady({ why, waitedMs }: Extract<Failure, { reason: 'not-ready' }>): string {
  if (why === 'failed') return 'the stack is up, but not healthy:';
  const because =
    why === 'cap' ? 'it lives and logs, but `ready.cap` is over' : 'no sign of life within `ready.timeout`';
  return `not ready after ${seconds(waitedMs)} (${because}):`;
}

export const holderLine = (holder: PortHolder): string =>
  `  port ${holder.port} is taken by ${holder.pid === null ? `a process that cannot be seen from here (uid ${holder.uid ?? '?'})` : `pid ${holder.pid}${holder.command ? ` (${holder.command})` : ''}`}${holder.cwd ? ` in ${holder.cwd}` : ''}${holder.service ? `, service ${holder.service}` : ''}`;

export const survivorLine = (one: Survivor): string =>
  `  pid ${one.pid} (${one.command})${one.service ? `, service ${one.service}` : ''}, state ${one.state}: ${one.evidence.join(', ')}`;

/** One service, and its last words. */
export const troubleLines = (trouble: ServiceTrouble): string[] => [
  `  ${trouble.name}: ${trouble.what}`,
  ...trouble.lastLog.map((line) => `    ${trouble.name} | ${line}`),
];
