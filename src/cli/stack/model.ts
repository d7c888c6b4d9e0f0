/** Decides what the configuration on disk means for upkeep: roles, ports, and the content that the stack runs on. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { literalPattern } from '../../core/ignore.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { RecognisedRole } from '../../core/roles.ts';
import { mainProgram, recogniseRole } from '../../core/roles.ts';
import type { Role, ServiceDefinition } from '../../core/service.ts';
import { checkServiceNames } from '../../config/check-service-names.ts';
import { settingsFileName } from '../../config/read-settings.ts';
import type { Definition, Instance } from '../../supervisor/port.ts';
import type { ContentScope } from '../../watch/content-id/scope.ts';
import type { Stack } from './open-stack.ts';
import { watcherOutputs } from './watch-report.ts';
import { howItRuns } from './start-record.ts';

export interface Model {
  readonly definition: Definition;
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  readonly roles: ReadonlyMap<string, RecognisedRole>;
  /** Declared ports by service; services without one are missing. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
  readonly allPorts: readonly number[];
  /** At least one service runs code of the tree: its sources are worth watching. */
  readonly hasCode: boolean;
  readonly scope: ContentScope;
}

/**
 * Reads the configuration that `instance` was started from, or would be started from. Fails with `stack-config-bad`, or
 * `settings-invalid` for an unknown service in upkeep.yaml.
 */
export async function readModel(stack: Stack, instance: Instance | null = null): Promise<Result<Model>> {
  const { env, argv } = howItRuns(stack, instance);
  const definition = await stack.supervisor.define(env ?? stack.environment(), argv);
  if (!definition.ok) return definition;
  return modelOf(stack, definition.value);
}

/** What the configuration meant before it broke, as far as that is remembered: what runs was started from something like it. */
export async function readLastModel(stack: Stack, instance: Instance | null): Promise<Result<Model> | null> {
  const { env, argv } = howItRuns(stack, instance);
  const definition = stack.supervisor.lastDefined?.(env ?? stack.environment(), argv);
  return definition ? modelOf(stack, { ...definition, outdated: true }) : null;
}

export async function modelOf(stack: Stack, definition: Definition): Promise<Result<Model>> {
  const { project, config } = stack;
  const names = definition.services.map((service) => service.name);
  // An evaluation older than the last edit may lack a service that upkeep.yaml already names.
  const problems = definition.outdated ? [] : checkServiceNames(stack.settings, names);
  if (problems.length > 0) return fail({ reason: 'settings-invalid', problems });
  const searchPath = [...definition.programs, stack.environment()['PATH'] ?? ''].join(delimiter);
  const services = new Map(definition.services.map((service) => [service.name, service]));
  const roles = new Map(
    definition.services.map((service) => [
      service.name,
      recogniseRole(service, config.services[service.name], {
        root: project.root,
        workTree: project.workTree,
        program: resolveProgram(service, searchPath),
      }),
    ]),
  );
  const ports = new Map(
    definition.services.flatMap((service) => {
      const declared = config.services[service.name]?.ports ?? service.ports;
      return declared.length > 0 && !service.disabled ? [[service.name, declared] as const] : [];
    }),
  );
  const code = definition.services.filter((service) => roles.get(service.name)?.role === 'code');
  const sources = code.flatMap((service) => config.services[service.name]?.sources ?? config.sources);
  return ok({
    definition,
    services,
    roles,
    ports,
    allPorts: [...new Set([...ports.values()].flat())],
    hasCode: code.length > 0,
    scope: {
      root: project.root,
      workTree: project.workTree,
      gitDir: project.gitDir,
      stateDir: project.stateDir,
      sources: [...new Set(sources)],
      ignore: [...config.ignore, ...watcherOutputs(stack).map((path) => `/${literalPattern(path)}`)],
      shared: definition.sharedInputs,
      // upkeep.yaml shapes the stack with its ports and roles, and is not a source of any service.
      inputs: [...new Set([...definition.inputs, join(project.root, settingsFileName)])],
    },
  });
}

export const rolesOnly = (model: Model): ReadonlyMap<string, Role> =>
  new Map([...model.roles].map(([name, finding]) => [name, finding.role]));

/** The program of a command, looked up as a shell in its directory would; null when it is not found. */
function resolveProgram(service: ServiceDefinition, path: string): string | null {
  const program = mainProgram(service);
  if (program === null) return null;
  const directories = program.includes('/')
    ? [service.workingDirectory]
    : path.split(delimiter).filter((directory) => directory !== '');
  const found = directories.map((directory) => resolve(directory, program)).find((one) => existsSync(one));
  // Resolved, because `.devenv/profile/bin/postgres` lies in the tree and what it points to does not.
  // `native`, because Node's own realpath takes 0.2 ms per path.
  return found === undefined ? null : realpathSync.native(found);
}
