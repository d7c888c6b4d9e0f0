/** The processes of a native task file as adapter-neutral service definitions. */
import { resolve } from 'node:path';
import type { ServiceDefinition } from '../../core/service.ts';
import { addScripts } from '../launcher-script.ts';
import { scriptText } from '../devenv-evaluation/tasks.ts';
import type { Declared, NativeTask } from './native-tasks.ts';
import { asPlain, isProbed } from './native-tasks.ts';

/** Sorted by name. What a process waits for that is no process shows nowhere. */
export function nativeServices(tasks: readonly NativeTask[], root: string): readonly ServiceDefinition[] {
  const processes = new Map(
    tasks.flatMap((task) => (task.process ? [[task.name, task.process.service]] : [])),
  );
  const awaited = new Set(
    tasks
      .flatMap(({ after }) => after)
      .filter(({ condition }) => condition.startsWith('process_completed'))
      .map(({ name }) => name),
  );
  const services = tasks.flatMap((task): ServiceDefinition[] => {
    const { process } = task;
    if (process === null) return [];
    const dependsOn = task.after.flatMap(({ name, condition }) => {
      const service = processes.get(name);
      return service === undefined ? [] : [{ name: service, condition }];
    });
    return [
      {
        name: process.service,
        command: scriptText(task.command) ?? task.command,
        workingDirectory: resolve(root, task.cwd ?? '.'),
        dependsOn,
        awaitedToComplete: awaited.has(task.name),
        ...readinessOf(process),
        disabled: process.disabled,
        watchedByManager: process.watched,
        restart: process.restart === 'always' || process.restart === 'on_failure' ? process.restart : 'no',
        successExitCodes: [],
        shutdown: { command: null, timeoutMs: process.graceMs, signal: 15 },
        script: null,
      },
    ];
  });
  return addScripts(services, root).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * `ports` of devenv 2 are wishes: where somebody else holds one, the process gets the next, and the probe follows. Only a port
 * that is nobody's wish is declared.
 */
function readinessOf(declared: Declared): Pick<ServiceDefinition, 'hasReadinessProbe' | 'probe' | 'ports'> {
  const { ready, ports: given } = declared;
  const get = asPlain(asPlain(ready?.['http'])?.['get']);
  if (get) {
    const port = Number(get['port']);
    const host = typeof get['host'] === 'string' ? get['host'] : '127.0.0.1';
    const { scheme = 'http', path = '/' } = get;
    const isOwn = Number.isInteger(port) && port > 0 && loopback.has(host) && !given.includes(port);
    const probe = `GET ${String(scheme)}://${host}:${port}${String(path)}`;
    return { hasReadinessProbe: true, probe, ports: isOwn ? [port] : [] };
  }
  const exec = ready?.['exec'];
  if (typeof exec === 'string') return { hasReadinessProbe: true, probe: `exec ${exec}`, ports: [] };
  if (ready?.['notify'] === true)
    return { hasReadinessProbe: true, probe: 'its own notification', ports: [] };
  return isProbed(declared)
    ? { hasReadinessProbe: true, probe: 'a connection to its port', ports: [] }
    : { hasReadinessProbe: false, probe: null, ports: [] };
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '']);
