/** Turns the processes of a merged project into adapter-neutral service definitions. */
import { resolve } from 'node:path';
import type { Condition, ServiceDefinition } from '../../../core/service.ts';
import { conditions } from '../../../core/service.ts';
import type { Variables } from './expand.ts';
import { expand, render } from './expand.ts';
import type { Plain } from './merge.ts';
import { isPlain } from './merge.ts';
import { readProbe } from './probe.ts';
import type { PlainProject } from './project.ts';
import { replicaNames } from './replicas.ts';
import { isDisabled, maybeText, number, texts } from './values.ts';

/** Sorted by name. `root`: the directory that the server will run in. `script` is filled in by the caller. */
export function asServices(
  project: PlainProject,
  root: string,
  variables: Variables,
): readonly ServiceDefinition[] {
  const expanded = Object.entries(project.processes).map(([name, process]) => ({
    name,
    process: expandAll(process, variables, project),
  }));
  const replicas = new Map(
    expanded.map(({ name, process }) => [name, replicaNames(name, number(process['replicas']))]),
  );
  const awaited = new Set(
    expanded
      .flatMap(({ process }) => dependencies(process))
      .filter(
        ({ condition }) =>
          condition === 'process_completed' || condition === 'process_completed_successfully',
      )
      .map(({ name }) => name),
  );
  return expanded
    .flatMap(({ name, process }) => {
      const definition = asService(process, root);
      const dependsOn = dependencies(process).flatMap((on) =>
        (replicas.get(on.name) ?? [on.name]).map((replica) => ({ name: replica, condition: on.condition })),
      );
      const names = replicas.get(name) ?? [name];
      return names.map((replica) => ({
        ...definition,
        name: replica,
        dependsOn,
        awaitedToComplete: awaited.has(name),
      }));
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function asService(
  process: Plain,
  root: string,
): Omit<ServiceDefinition, 'name' | 'dependsOn' | 'awaitedToComplete'> {
  const shutdown = isPlain(process['shutdown']) ? process['shutdown'] : {};
  const timeoutS = number(shutdown['timeout_seconds']) ?? 0;
  const availability = isPlain(process['availability']) ? process['availability'] : {};
  return {
    command: maybeText(process['command']) ?? texts(process['entrypoint']).map(quoted).join(' '),
    workingDirectory: resolve(root, maybeText(process['working_dir']) ?? '.'),
    ...readProbe(process),
    disabled: isDisabled(process),
    watchedByManager: isPlain(process['watch']),
    restart: restartOf(availability['restart']),
    successExitCodes: (Array.isArray(process['success_exit_codes']) ? process['success_exit_codes'] : [])
      .map(number)
      .filter((code) => code !== null),
    shutdown: {
      command: maybeText(shutdown['command']),
      timeoutMs: timeoutS > 0 ? timeoutS * 1000 : null,
      signal: number(shutdown['signal']) || 15,
    },
    script: null,
  };
}

function dependencies(process: Plain): readonly { name: string; condition: Condition }[] {
  if (!isPlain(process['depends_on'])) return [];
  return Object.entries(process['depends_on']).map(([name, on]) => {
    const word = isPlain(on) ? on['condition'] : undefined;
    // Without a condition process-compose 1.87 waits for *completion* (tried), whatever its documentation says.
    return { name, condition: conditions.find((condition) => condition === word) ?? 'process_completed' };
  });
}

const restartOf = (value: unknown): ServiceDefinition['restart'] =>
  value === 'always' || value === 'on_failure' || value === 'exit_on_failure' ? value : 'no';

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

function expandAll(process: Plain, variables: Variables, project: PlainProject): Plain {
  const literal = project.settings['disable_env_expansion'] === true;
  const shared = isPlain(project.settings['vars']) ? project.settings['vars'] : {};
  const own = isPlain(process['vars']) ? process['vars'] : {};
  const vars = { ...shared, ...own };
  const walk = (at: unknown): unknown => {
    if (typeof at === 'string') return render(literal ? at : expand(at, variables), vars);
    if (Array.isArray(at)) return at.map(walk);
    return isPlain(at)
      ? Object.fromEntries(Object.entries(at).map(([key, inner]) => [key, walk(inner)]))
      : at;
  };
  return Object.fromEntries(Object.entries(process).map(([key, value]) => [key, walk(value)]));
}
