/** Processes for people: `ps`, the other projects, and what `reap` is about to do. */
import type { OtherProject, ProcessReport, ReapPlan } from '../core/process-report.ts';
import { isEmptyPlan } from '../core/process-report.ts';
import { stamp } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

export function processTable(processes: readonly ProcessReport[], style: Style): string {
  return table([
    ['PID', 'SINCE', 'SERVICE', 'CLASS', 'EVIDENCE', 'COMMAND'].map((head) => style.dim(head)),
    ...processes.map((one) => [
      String(one.pid),
      one.since ? stamp(one.since) : '-',
      one.server ? style.dim('(supervisor)') : (one.service ?? '-'),
      classOf(one, style),
      one.evidence.join(',') || '-',
      short(one.command),
    ]),
  ]);
}

function classOf(one: ProcessReport, style: Style): string {
  if (one.leftover) return style.yellow(`${one.class}, left over`);
  if (one.stray) return style.yellow(one.class);
  return one.class === 'ours' || one.class === 'external' ? one.class : style.dim(one.class);
}

export function otherProjectLines(others: readonly OtherProject[], style: Style): string[] {
  if (others.length === 0) return ['no other project is known on this machine'];
  return others.flatMap(({ key, root, processes }) => [
    `${root ?? `a project at an unknown place (${key})`}: ${processes.length === 0 ? style.dim('down') : `${processes.length} process${processes.length === 1 ? '' : 'es'}`}`,
    ...processes.map((one) => `  pid ${one.pid}  ${one.service ?? '(supervisor)'}  ${short(one.command)}`),
  ]);
}

/** One line for each step, in the order in which they are taken. */
export function reapLines(plan: ReapPlan): string[] {
  if (isEmptyPlan(plan)) return ['nothing to reap', ...leftAlone(plan)];
  return [
    ...plan.processes.map(
      (one) =>
        `end pid ${one.pid}${one.service ? ` (${one.service})` : ''}: ${short(one.command)}  [${one.evidence.join(', ')}]`,
    ),
    ...plan.sockets.map((path) => `remove the socket ${path}`),
    ...plan.records.map(({ path, because }) => `remove the record ${path}: ${because}`),
    ...leftAlone(plan),
  ];
}

/** For verbs that come across strays while doing something else. */
export function strayNote(
  strays: readonly { readonly pid: number; readonly service: string | null }[],
): string {
  const names = strays.map(({ pid, service }) => `pid ${pid}${service ? ` (${service})` : ''}`).join(', ');
  const pids = strays.map(({ pid }) => pid).join(' ');
  return `${names}: ${strays.length === 1 ? 'looks like a service that lost its' : 'look like services that lost their'} supervisor, and nothing proves it; \`upkeep reap ${pids}\` ends ${strays.length === 1 ? 'it' : 'them'}`;
}

const leftAlone = (plan: ReapPlan): string[] => [
  ...plan.kept.map(({ path, because }) => `leave ${path}: ${because}`),
  ...plan.strays.map(
    (one) =>
      `leave pid ${one.pid}${one.service ? ` (${one.service})` : ''}, which looks like a service that lost its supervisor: ${short(one.command)}; \`upkeep reap ${one.pid}\` ends it`,
  ),
  ...plan.detached.map((one) => `leave pid ${one.pid}, which left the stack: ${short(one.command)}`),
];

const longest = 120;
const short = (command: string): string =>
  command.length > longest ? `${command.slice(0, longest)}…` : command;
