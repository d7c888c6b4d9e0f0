/** `up` with the native manager: be it, or leave a daemon behind. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { buildShell, buildTasks } from '../build.ts';
import type { ProcessTask } from '../generate/tasks.ts';
import { plain, taskPrefix } from '../generate/tasks.ts';
import { captureEnvironment, linkBash } from '../enter.ts';
import type { Allocated } from '../evaluate.ts';
import { readPidFile } from '../pid-file.ts';
import { Bail, say, saySpan } from '../say.ts';
import type { Session } from '../session.ts';
import type { UpRequest } from '../verbs/up.ts';
import { attach } from './attach.ts';
import { ask } from './client.ts';
import { Manager } from './manager.ts';
import type { DaemonConfig } from './plan.ts';
import { planOf, refusal } from './plan.ts';

export async function upNative(session: Session, request: UpRequest, allocated: Allocated): Promise<void> {
  const startedAt = performance.now();
  const shell = await buildShell(session, allocated);
  const { tasks } = await buildTasks(session, allocated);
  await session.evaluate('eval process.manager.implementation', null, allocated);
  linkBash(session);
  const { native } = session.settings.cli;
  const { project, packages } = session;
  const chosen = launched(tasks, request.names);
  const config: DaemonConfig = {
    tasks: chosen,
    roots: (request.names.length > 0 ? request.names : tasks.map(({ name }) => plain(name))).map(
      (name) => `${taskPrefix}${name}`,
    ),
    run_mode: 'before',
    runtime_dir: project.native,
    cache_dir: project.state,
    env: captureEnvironment(session, shell, { DEVENV_SKIP_TASKS: '1' }),
    bash: packages.bash,
    ignore_process_deps: false,
  };
  mkdirSync(project.native, { recursive: true, mode: 0o700 });
  if (!request.detach) return foreground(session, config);
  using _lock = native?.joins ? startLock(project.native) : null;
  if (await joined(session, config)) return;
  await daemon(session, config);
  saySpan('Starting processes', startedAt);
}

/** With names: those, and what they wait for. */
function launched(all: readonly ProcessTask[], names: readonly string[]): readonly ProcessTask[] {
  if (names.length === 0) return all;
  const known = new Set(all.map(({ name }) => plain(name)));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Bail(`Process(es) not found in configuration: ${unknown.join(', ')}`);
  const needed = new Set(names);
  for (const name of needed)
    for (const other of all.find((one) => plain(one.name) === name)?.after ?? []) needed.add(plain(other));
  return all.map((one) => {
    const name = plain(one.name);
    const enable = names.includes(name) || (needed.has(name) && one.process.start.enable);
    return { ...one, process: { ...one.process, start: { enable } } };
  });
}

async function foreground(session: Session, config: DaemonConfig): Promise<void> {
  const directory = config.runtime_dir;
  const found = readPidFile(join(directory, 'native-manager.pid'));
  const { native } = session.settings.cli;
  if (native?.joins && found.is === 'alive') {
    if (isatty(0) && isatty(1) && !process.env['CI']) return attach(directory);
    throw new Bail(
      `Processes already running with PID ${found.pid}. Stop them first with: devenv processes down`,
    );
  }
  const because = refusal(config.tasks, session.settings);
  if (because !== null) throw new Bail(because);
  // Earlier ones simply take pid file and socket over.
  const manager = new Manager(planOf(config, session.settings, session.project.root), 'foreground');
  await manager.run();
  say('All processes are ready.');
}

/** Only the pid file is asked: a session that is still starting has none, and is doubled. */
async function joined(session: Session, config: DaemonConfig): Promise<boolean> {
  const directory = config.runtime_dir;
  const path = join(directory, 'native-manager.pid');
  const found = readPidFile(path);
  if (found.is === 'stale') rmSync(path);
  if (found.is !== 'alive') return false;
  if (!session.settings.cli.native?.joins)
    throw new Bail(
      `Processes already running with PID ${found.pid}. Stop them first with: devenv processes down`,
    );
  const mode = await ask(directory, { command: 'mode' }).catch(refused);
  if (mode['mode'] === 'foreground')
    throw new Bail(
      'Processes are already running in a foreground devenv session. Stop it first, or attach to it with: devenv processes attach',
    );
  const names = config.tasks.filter((one) => one.process.start.enable).map(({ name }) => plain(name));
  const answer = await ask(directory, { command: 'start', names }).catch(refused);
  const outcome = answer['outcome'] as Record<'scheduled' | 'skipped' | 'unknown', readonly string[]>;
  if (outcome.scheduled.length > 0) say(`Scheduled: ${outcome.scheduled.join(', ')}`);
  if (outcome.skipped.length > 0) say(`Already running or waiting: ${outcome.skipped.join(', ')}`);
  if (outcome.unknown.length > 0) say(`Unknown: ${outcome.unknown.join(', ')}`);
  return true;
}

export function refused(error: unknown): never {
  throw new Bail('Failed to connect to the process manager', [(error as Error).message]);
}

async function daemon({ settings, project }: Session, config: DaemonConfig): Promise<void> {
  const directory = config.runtime_dir;
  const path = join(directory, 'daemon-config.json');
  const pidFile = join(directory, 'native-manager.pid');
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const log = openSync(join(directory, 'daemon.log'), 'w');
  const flags = ['--disable-warning=ExperimentalWarning', process.argv[1] ?? ''];
  const child = spawn(process.execPath, [...flags, 'daemon-processes', path], {
    argv0: 'devenv',
    cwd: project.root,
    env: {
      ...process.env,
      DEVENV_STAND_IN_HOME: settings.home,
      DEVENV_STAND_IN_RELEASE: settings.release,
    },
    stdio: ['ignore', 'ignore', log],
    detached: true,
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  const deadline = performance.now() + 120_000;
  while (!existsSync(pidFile)) {
    if (ended) {
      const said = readFileSync(join(directory, 'daemon.log'), 'utf8').trim();
      throw new Bail(`Daemon exited unexpectedly. Logs:\n${said}`);
    }
    if (performance.now() > deadline) throw new Bail('Daemon failed to start within 120s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.unref();
}

/** flock(1) locks the open file, which stays open here. */
function startLock(directory: string): Disposable {
  const fd = openSync(join(directory, 'native-start.lock'), 'a');
  spawnSync('flock', ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  return { [Symbol.dispose]: () => closeSync(fd) };
}
