/** Decides which commands help from here, most useful first (pure). */
import type { Result } from '../../core/result.ts';
import type { StatusReport } from '../../core/status.ts';

export function nextCommands(report: Omit<StatusReport, 'next'>, model: Result<unknown>): readonly string[] {
  const failing = report.services.find(
    (service) => service.verdict === 'failed' || service.verdict === 'stopped',
  );
  const waiting = report.services.find((service) => service.verdict === 'unready');
  if (report.unfinished) return finishing(report);
  if (report.suspects.length > 0) {
    const named = `upkeep reap ${report.suspects.map(({ pid }) => pid).join(' ')}`;
    return [named, ...nextCommands({ ...report, suspects: [] }, model)];
  }
  switch (report.stack) {
    case 'down':
      // Both end what is left behind; the one that does what was wanted last comes first.
      if (report.orphans.length === 0) return ['upkeep start'];
      return report.desired === 'up' ? ['upkeep start', 'upkeep stop'] : ['upkeep stop', 'upkeep start'];
    case 'hollow':
    case 'unreachable':
      return ['upkeep restart', 'upkeep stop'];
    case 'degraded':
      return [...(failing ? [`upkeep logs ${failing.name}`] : []), 'upkeep restart'];
    case 'starting':
    case 'stopping':
      return ['upkeep status'];
    case 'up':
      if (!model.ok) return ['upkeep restart --dry-run'];
      if (waiting) return [`upkeep logs ${waiting.name}`, 'upkeep restart'];
      return report.freshness.verdict === 'stale' ? ['upkeep restart'] : [];
  }
}

/** What was wanted comes first, then the opposite. */
function finishing({ desired, stack }: Omit<StatusReport, 'next'>): readonly string[] {
  const up = stack === 'down' ? 'upkeep start' : 'upkeep restart';
  return desired === 'down' ? ['upkeep stop', up] : [up, 'upkeep stop'];
}
