/** `devenv-up`: the script that attaches to a running server or starts one and ends it on a signal. */
import { dirname } from 'node:path';
import type { Config } from '../evaluate.ts';
import type { Session } from '../session.ts';

export const socketPath = (session: Session, config: Config): string =>
  config.compose?.unixSocket.path || `${session.project.runtime}/pc.sock`;

/** The path of the script in the store. */
export function upScript(session: Session, config: Config, yaml: string): string {
  const { modules } = session.settings;
  const socket = socketPath(session, config);
  const server = session.packages.processCompose;
  const log = modules.logLocation ? ['mkdir -p "$DEVENV_STATE/process-compose"'] : [];
  const text = [
    `#!${session.packages.bash}`,
    ...(config.before === '' ? [] : [config.before]),
    ...attach(session, server, socket),
    ...log,
    serverCommand(session, config, { server, socket, yaml }),
    'backgroundPID=$!',
    '',
    'down() {',
    '  echo "Stopping processes..."',
    '  kill -TERM $backgroundPID',
    '  wait $backgroundPID',
    ...(config.after === '' ? [] : [config.after]),
    '  echo "Processes stopped."',
    ...(modules.removesRuntime ? [`  rm -rf ${dirname(socket)}`] : []),
    '}',
    'trap down SIGINT SIGTERM',
    '',
    'wait',
    '',
  ];
  return session.store.file('devenv-up', text.join('\n'), true);
}

function attach(session: Session, server: string, socket: string): readonly string[] {
  const { modules } = session.settings;
  if (modules.attach === 'never') return [];
  const [open, path] =
    modules.attach === 'socket-file'
      ? [`if [ -S ${socket} ]; then`, socket]
      : [
          `if timeout 1 ${session.packages.socat} - UNIX-CONNECT:"$PC_SOCKET_PATH" </dev/null >/dev/null 2>&1; then`,
          '"$PC_SOCKET_PATH"',
        ];
  return [
    open,
    `  echo "Attaching to existing process-compose server at ${path.replaceAll('"', '')}" >&2`,
    `  exec ${server} --unix-socket ${path} attach "$@"`,
    'fi',
    '',
  ];
}

interface Places {
  readonly server: string;
  readonly socket: string;
  readonly yaml: string;
}

function serverCommand(session: Session, config: Config, { server, socket, yaml }: Places): string {
  const { modules } = session.settings;
  const own = config.compose?.unixSocket.enable ?? true;
  const tui = config.compose?.tui.enable ?? true;
  const end = 'up "$@" &';
  if (modules.style === 'default-socket')
    return `${server} --config ${yaml} --unix-socket \${PC_SOCKET_PATH:-${socket}} --tui=\${PC_TUI_ENABLED:-true} -U ${end}`;
  const flags: Record<string, string | number | boolean> = {
    config: yaml,
    'disable-dotenv': modules.disableDotenv,
    'keep-project': modules.keepProject && tui,
    ...(own ? { 'unix-socket': socket } : { port: config.compose?.port ?? 8080 }),
    ...config.args,
  };
  const word = (name: string, value: string | number | boolean): string =>
    value === true ? `--${name}` : modules.style === 'quoted' ? `'--${name}=${value}'` : `--${name} ${value}`;
  const words = Object.entries(flags)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => word(name, value));
  return [server, ...words, '-t="${PC_TUI_ENABLED:-true}"', end]
    .map((line, at) => (at ? `  ${line}` : line))
    .join(' \\\n');
}
