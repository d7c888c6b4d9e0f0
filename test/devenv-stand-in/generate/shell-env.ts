/** What `print-dev-env` prints: the environment as bash, and enterShell as its hook. Its store path is the fingerprint. */
import { join } from 'node:path';
import type { Config } from '../evaluate.ts';
import type { Session } from '../session.ts';
import { socketPath } from './up-script.ts';

export interface Generated {
  readonly taskFile: string;
  readonly tasks: string;
  readonly yaml: string;
}

export interface ShellEnvironment {
  /** In the store. */
  readonly path: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, string>>;
}

export function shellEnvironment(session: Session, config: Config, made: Generated): ShellEnvironment {
  const { project, store, settings } = session;
  const { cli, modules } = settings;
  // The packages' programs come in through PATH; the profile only has to be of this content.
  const links = config.packages.map((path) => [path.replaceAll('/', '_'), join(path, 'bin')] as const);
  const profile = store.package('devenv-profile', Object.fromEntries(links));
  const compose = config.implementation === 'process-compose';
  const isNative = config.implementation === 'native' && cli.native !== null;
  const variables: Record<string, string> = {
    ...config.env,
    DEVENV_DOTFILE: project.dotfile,
    DEVENV_PROFILE: profile,
    DEVENV_ROOT: project.root,
    DEVENV_RUNTIME: project.runtime,
    DEVENV_STATE: project.state,
    ...(modules.shellKnowsTasks ? { DEVENV_TASKS: isNative ? '' : tasksOf(modules.runs, made) } : {}),
    ...(modules.runs === 'task-file' ? { DEVENV_TASK_FILE: made.taskFile } : {}),
    ...(compose && modules.shellKnowsCompose
      ? {
          PC_CONFIG_FILES: made.yaml,
          ...(config.compose?.unixSocket.enable === false
            ? {}
            : { PC_SOCKET_PATH: socketPath(session, config) }),
        }
      : {}),
  };
  const path = [profile, ...config.packages].map((one) => join(one, 'bin')).join(':');
  const text = [
    'unset shellHook',
    ...Object.entries(variables)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${quote(value)}\nexport ${name}`),
    `PATH=${path}:"$PATH"`,
    'export PATH',
    `shellHook=${quote(hook(session, config, profile))}`,
    'export shellHook',
    'eval "${shellHook:-}"',
    '',
  ].join('\n');
  const name = cli.flakeFiles ? 'devenv-shell-env' : 'devenv-shell';
  return { path: store.file(name, text), text, variables };
}

/** Tasks came before processes were tasks. */
const tasksOf = (runs: string, { tasks }: Generated): string => (runs === 'script' ? '[]' : tasks);

/** `run`, `profile` and `state` are there only once this has run. */
function hook({ project }: Session, { enterShell }: Config, profile: string): string {
  return [
    'mkdir -p "$DEVENV_STATE" "$DEVENV_RUNTIME"',
    `ln -snf ${profile} ${quote(join(project.dotfile, 'profile'))}`,
    `ln -snf "$DEVENV_RUNTIME" ${quote(join(project.dotfile, 'run'))}`,
    enterShell,
  ].join('\n');
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
