/** Decides which services keep a service from starting, down to the first cause. */
import type { Condition, ServiceDefinition } from './service.ts';
import type { ServiceReport, StatusReport } from './status.ts';

export interface Blocker {
  readonly name: string;
  readonly condition: Condition;
  readonly verdict: ServiceReport['verdict'] | 'unknown';
  readonly what: string;
}

/**
 * The chain of services that `name` waits for, down to the first cause. Empty: it waits for none. A cycle ends where it began;
 * process-compose refuses one anyway.
 */
export function blockersOf(
  name: string,
  definitions: ReadonlyMap<string, ServiceDefinition>,
  report: Pick<StatusReport, 'services'>,
): Blocker[] {
  const chain: Blocker[] = [];
  const visited = new Set([name]);
  for (let at: string | null = name; at !== null;) {
    const next: Blocker | null = firstUnmet(at, definitions, report);
    if (next === null || visited.has(next.name)) return chain;
    chain.push(next);
    visited.add(next.name);
    at = next.name;
  }
  return chain;
}

function firstUnmet(
  name: string,
  definitions: ReadonlyMap<string, ServiceDefinition>,
  { services }: Pick<StatusReport, 'services'>,
): Blocker | null {
  for (const dependency of definitions.get(name)?.dependsOn ?? []) {
    const found = services.find((service) => service.name === dependency.name);
    if (found && isMet(dependency.condition, found)) continue;
    const { verdict, what } = found ?? {
      verdict: 'unknown' as const,
      what: 'it is not in the running stack',
    };
    return { ...dependency, verdict, what };
  }
  return null;
}

function isMet(condition: Condition, service: ServiceReport): boolean {
  const started = !['starting', 'disabled'].includes(service.verdict) || service.pid !== null;
  switch (condition) {
    case 'process_started':
      return started;
    case 'process_healthy':
      return service.verdict === 'ok' && service.ready !== false;
    case 'process_completed':
      return service.pid === null && service.exitCode !== null;
    case 'process_completed_successfully':
      return service.verdict === 'done' || (service.pid === null && service.exitCode === 0);
    case 'process_log_ready':
      return service.verdict === 'ok';
  }
}
