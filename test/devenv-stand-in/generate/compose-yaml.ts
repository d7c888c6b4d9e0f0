/** The process-compose.yaml of one age of the modules. */
import { join } from 'node:path';
import type { Config, ProcessConfig } from '../evaluate.ts';
import type { Session } from '../session.ts';
import { placeVariables } from './shell-env.ts';
import { plain, processScript, taskPrefix } from './tasks.ts';

/** The path of the file in the store. */
export async function composeYaml(
  session: Session,
  config: Config,
  taskFile: string | null,
): Promise<string> {
  const { modules } = session.settings;
  const { project, packages } = session;
  const processes = Object.fromEntries(
    Object.entries(config.processes).map(([name, process]) => [
      name,
      { ...command(session, name, process, taskFile), ...rich(session, process, config) },
    ]),
  );
  for (const [name, own] of Object.entries(config.processes))
    processes[name] = { ...processes[name], ...own['process-compose'] };
  const document = {
    is_strict: true,
    ...(modules.topEnvironment
      ? {
          environment: Object.entries({ ...config.env, ...placeVariables(session, config) }).map(
            ([key, value]) => `${key}=${value}`,
          ),
        }
      : {}),
    ...(modules.logLocation
      ? { log_location: join(project.state, 'process-compose/process-compose.log') }
      : {}),
    processes,
    ...(modules.shellSettings
      ? {
          shell: {
            elevated_shell_argument: '-S',
            elevated_shell_command: 'sudo',
            shell_argument: '-c',
            shell_command: packages.bash,
          },
        }
      : {}),
    version: '0.5',
    ...config.compose?.settings,
  };
  const { stringify } = await import('yaml');
  return session.store.file('process-compose.yaml', stringify(document, { lineWidth: 0 }));
}

function command(
  session: Session,
  name: string,
  process: ProcessConfig,
  taskFile: string | null,
): Record<string, unknown> {
  const { modules } = session.settings;
  if (modules.runs === 'script')
    return { command: `exec ${processScript(session, name, process.exec, process.cwd ?? null)}` };
  const more = modules.richProcesses
    ? `--cache-dir ${session.project.dotfile} --runtime-dir ${session.project.runtime} --ignore-process-deps `
    : '';
  const file = taskFile === null ? '' : `--task-file ${taskFile} `;
  return {
    command: `exec ${session.packages.tasks} run ${file}${more}--mode all ${taskPrefix}${name}`,
  };
}

/** What 2.x modules add, even where the user set nothing. */
function rich(session: Session, process: ProcessConfig, config: Config): Record<string, unknown> {
  if (!session.settings.modules.richProcesses) return {};
  const restart = process.restart?.on ?? 'on_failure';
  const env = Object.entries(process.env ?? {});
  const waits = Object.entries(config.processes).filter(([, other]) =>
    other.before?.some((name) => config.processes[plain(name)] === process),
  );
  const dependsOn = Object.fromEntries([
    ...(process.after ?? []).map((name) => [plain(name), { condition: condition(name) }] as const),
    ...waits.map(([name]) => [name, { condition: condition('') }] as const),
  ]);
  return {
    availability: {
      max_restarts: process.restart?.max ?? 5,
      restart: restart === 'never' ? 'no' : restart,
    },
    ...(env.length > 0 ? { environment: env.map(([key, value]) => `${key}=${String(value)}`) } : {}),
    ...(process.ready ? { readiness_probe: probe(process.ready) } : {}),
    ...(Object.keys(dependsOn).length > 0 ? { depends_on: dependsOn } : {}),
    ...(process.start?.enable === false ? { disabled: true } : {}),
  };
}

function condition(reference: string): string {
  const [, on] = reference.split('@');
  if (on === 'ready') return 'process_healthy';
  if (on === 'succeeded') return 'process_completed_successfully';
  return on === 'completed' ? 'process_completed' : 'process_started';
}

function probe(ready: NonNullable<ProcessConfig['ready']>): Record<string, unknown> {
  const get = ready.http.get;
  return {
    ...(ready.exec === null ? {} : { exec: { command: ready.exec } }),
    ...(get
      ? { http_get: { host: get.host, scheme: get.scheme, path: get.path, port: String(get.port) } }
      : {}),
    initial_delay_seconds: ready.initial_delay,
    period_seconds: ready.period,
    timeout_seconds: ready.probe_timeout,
    success_threshold: ready.success_threshold,
    failure_threshold: ready.failure_threshold,
  };
}
