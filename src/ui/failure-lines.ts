/** One line, or a few, for each thing that a failure names: a problem, a record, a port, a process, a service. */
import type { ConfigProblem, Failure } from '../core/failure.ts';
import type { PortHolder, ServiceTrouble, Survivor } from '../core/trouble.ts';

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

export const holderLine = (holder: PortHolder): string =>
  `  port ${holder.port} is taken by ${holder.pid === null ? `a process that cannot be seen from here (uid ${holder.uid ?? '?'})` : `pid ${holder.pid}${holder.command ? ` (${holder.command})` : ''}`}${holder.cwd ? ` in ${holder.cwd}` : ''}${holder.service ? `, service ${holder.service}` : ''}`;

export const survivorLine = (one: Survivor): string =>
  `  pid ${one.pid} (${one.command})${one.service ? `, service ${one.service}` : ''}, state ${one.state}: ${one.evidence.join(', ')}`;

/** One service, and its last words. */
export const troubleLines = (trouble: ServiceTrouble): string[] => [
  `  ${trouble.name}: ${trouble.what}`,
  ...trouble.lastLog.map((line) => `    ${trouble.name} | ${line}`),
];
