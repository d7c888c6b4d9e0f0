/** `status` for people: one line about the stack, its services, what is stale and why, and the next command. */
import { isWell } from '../core/health.ts';
import { managerName } from '../core/manager.ts';
import type { ServiceReport, StatusReport } from '../core/status.ts';
import { seconds } from './duration.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

const maxReasons = 5;

export function statusView(report: StatusReport, style: Style, now: number): string {
  const lines = [headline(report, style, now)];
  if (report.services.length > 0) lines.push('', serviceTable(report.services, style, now));
  for (const service of report.services) lines.push(...trouble(service, style));
  lines.push(...freshness(report, style));
  if (report.unfinished) {
    const { verb, at } = report.unfinished;
    lines.push('', style.yellow(`a ${verb} was cut off (${new Date(at).toTimeString().slice(0, 8)})`));
  }
  if (report.orphans.length > 0) {
    lines.push('', style.yellow(`left behind by an earlier run (${report.orphans.length}):`));
    for (const orphan of report.orphans)
      lines.push(`  pid ${orphan.pid}  ${orphan.service ?? ''}  ${orphan.command}`);
  }
  if (report.suspects.length > 0) {
    lines.push(
      '',
      style.yellow(`looks like a service that lost its supervisor (${report.suspects.length}):`),
    );
    for (const one of report.suspects) lines.push(`  pid ${one.pid}  ${one.service ?? ''}  ${one.command}`);
    lines.push('  nothing proves whose they are, so only `upkeep reap PID` ends them');
  }
  if (report.watch.running)
    lines.push('', `watcher: ${report.watch.state} (pid ${report.watch.pid}, ${report.watch.engine})`);
  if (report.next.length > 0)
    lines.push('', `next: ${report.next.map((command) => style.cyan(command)).join('  or  ')}`);
  return lines.join('\n');
}

function headline(report: StatusReport, style: Style, now: number): string {
  const word = report.healthy
    ? style.green(report.stack)
    : report.stack === 'down'
      ? style.dim('down')
      : style.red(report.stack);
  const { instance } = report;
  if (!instance) return `${word}  ${report.root}`;
  const server = [managerName(report.manager), instance.version ?? (report.manager === 'native' ? '' : '?')];
  const since = instance.startedAt ? `, ${seconds(now - Date.parse(instance.startedAt))}` : '';
  const by = instance.owner === 'external' ? ', started outside upkeep' : '';
  return `${word}  ${report.root}  (${server.join(' ').trim()}, pid ${instance.pid}${since}${by})`;
}

function serviceTable(services: readonly ServiceReport[], style: Style, now: number): string {
  return table([
    ['SERVICE', 'STATE', 'PID', 'PORTS', 'RESTARTS', 'SINCE', 'CODE', 'ROLE'].map((head) => style.dim(head)),
    ...services.map((service) => [
      service.name,
      colored(service, style),
      service.pid === null ? '-' : String(service.pid),
      service.ports.join(',') || '-',
      String(service.restarts),
      service.startedAt ? seconds(now - Date.parse(service.startedAt)) : '-',
      service.fresh === 'stale' ? style.yellow('stale') : service.fresh,
      `${service.role}: ${service.roleBecause}`,
    ]),
  ]);
}

function colored(service: ServiceReport, style: Style): string {
  const word = service.verdict === 'ok' && service.ready === true ? 'ready' : service.verdict;
  if (service.verdict === 'failed' || service.verdict === 'stopped') return style.red(word);
  if (service.verdict === 'starting' || service.verdict === 'unready') return style.yellow(word);
  return service.verdict === 'ok' ? style.green(word) : style.dim(word);
}

function trouble(service: ServiceReport, style: Style): string[] {
  if (isWell(service.verdict)) return [];
  return [
    '',
    `${service.name}: ${service.what}`,
    ...service.lastLog.map((line) => `  ${style.dim(`${service.name} |`)} ${line}`),
  ];
}

function freshness(report: StatusReport, style: Style): string[] {
  const { verdict, reasons } = report.freshness;
  if (report.instance === null) return [];
  if (verdict === 'fresh') return ['', 'runs what is on disk'];
  const shown = reasons
    .slice(0, maxReasons)
    .map((reason) =>
      verdict === 'unknown' ? `  ${reason.detail}` : `  ${reason.axis}: ${reason.path} ${reason.detail}`,
    );
  const more = reasons.length > maxReasons ? [`  … and ${reasons.length - maxReasons} more`] : [];
  const title =
    verdict === 'stale'
      ? style.yellow('does not run what is on disk:')
      : style.yellow('whether it runs what is on disk is not known:');
  return ['', title, ...shown, ...more];
}
