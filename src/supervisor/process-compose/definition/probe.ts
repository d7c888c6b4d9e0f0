/** Reads what a process declares about its readiness, in words and as ports. */
import type { ServiceDefinition } from '../../../core/service.ts';
import type { Plain } from './merge.ts';
import { isPlain } from './merge.ts';
import { maybeText, number } from './values.ts';

type Readiness = Pick<ServiceDefinition, 'hasReadinessProbe' | 'probe' | 'ports'>;

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '[::1]', '0.0.0.0', '']);

/** A `ready_log_line` counts: it sets the same word `Ready`. A liveness probe does not: it says nothing of readiness. */
export function readProbe(process: Plain): Readiness {
  const probe = process['readiness_probe'];
  if (isPlain(probe) && isPlain(probe['http_get'])) return http(probe['http_get']);
  if (isPlain(probe)) {
    const command = isPlain(probe['exec']) ? maybeText(probe['exec']['command']) : null;
    return {
      hasReadinessProbe: true,
      probe: command === null ? 'readiness probe' : `exec ${command}`,
      ports: [],
    };
  }
  const line = maybeText(process['ready_log_line']);
  return { hasReadinessProbe: line !== null, probe: line === null ? null : `log line "${line}"`, ports: [] };
}

function http(get: Plain): Readiness {
  const host = maybeText(get['host'])?.trim() ?? '127.0.0.1';
  const scheme = maybeText(get['scheme'])?.trim() || 'http';
  const path = maybeText(get['path'])?.trim() || '/';
  const port = number(get['port']) ?? number(get['num_port']);
  const valid = port !== null && Number.isInteger(port) && port >= 1 && port <= 65_535;
  return {
    hasReadinessProbe: true,
    probe: `GET ${scheme}://${host || '127.0.0.1'}${valid ? `:${port}` : ''}${path}`,
    ports: valid && loopback.has(host) ? [port] : [],
  };
}
