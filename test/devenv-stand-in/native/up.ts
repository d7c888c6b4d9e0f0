/** `up` with the native manager: be it, or leave a daemon behind. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { buildShell, buildTasks } from '../build.ts';
import { captureEnvironment } from '../enter.ts';
import type { Allocated } from '../evaluate.ts';
import { readPidFile } from '../pid-file.ts';
import { Bail, say, saySpan } from '../say.ts';
import type { Session } from '../session.ts';
import type { UpRequest } from '../verbs/up.ts';
import { attach } from './attach.ts';
import { ask } from './client.ts';
import { Manager } from './manager.ts';
import type { Plan } from './plan.ts';
import { missingDependency, nativeProcesses } from './plan.ts';

export async function upNative(session: Session, request: UpRequest, allocated: Allocated): Promise<void> {
  const startedAt = performance.now();
  const { tasks } = await buildTasks(session, allocated);
  const shell = await buildShell(session, allocated);
  const { native } = session.settings.cli;
  const processes = nativeProcesses(tasks);
  const plan: Plan = {
    processes: chosen(processes, request.names),
    env: captureEnvironment(session, shell, { DEVENV_SKIP_TASKS: '1' }),
    directory: session.project.native,
    root: session.project.root,
    restartMs: session.settings.restartMs,
    verbs: native?.api ?? [],
  };
  mkdirSync(plan.directory, { recursive: true, mode: 0o700 });
  if (!request.detach) return foreground(session, plan);
  using _lock = native?.joins ? startLock(plan.directory) : null;
  if (await joined(session, plan)) return;
  const missing = missingDependency(processes);
  await daemon(session, plan, missing);
  saySpan('Starting processes', startedAt);
}

/** With names: those, and what they wait for. */
function chosen(all: Plan['processes'], names: readonly string[]): Plan['processes'] {
  if (names.length === 0) return all;
  const wanted = new Set(names);
  for (const name of wanted)
    for (const { name: other } of all.find((one) => one.name === name)?.after ?? []) wanted.add(other);
  return all.map((one) => (wanted.has(one.name) ? one : { ...one, enabled: false }));
}

async function foreground(session: Session, plan: Plan): Promise<void> {
  const found = readPidFile(join(plan.directory, 'native-manager.pid'));
  const { native } = session.settings.cli;
  if (native?.joins && found.is === 'alive') {
    if (isatty(0) && isatty(1) && !process.env['CI']) return attach(plan.directory);
    throw new Bail(
      `Processes already running with PID ${found.pid}. Stop them first with: devenv processes down`,
    );
  }
  const missing = missingDependency(plan.processes);
  if (missing !== null) throw new Bail(missing);
  // Earlier ones simply take pid file and socket over.
  const manager = new Manager(plan, 'foreground');
  await manager.run();
  say('All processes are ready.');
}

/** Only the pid file is asked: a session that is still starting has none, and is doubled. */
async function joined(session: Session, plan: Plan): Promise<boolean> {
  const path = join(plan.directory, 'native-manager.pid');
  const found = readPidFile(path);
  if (found.is === 'stale') rmSync(path);
  if (found.is !== 'alive') return false;
  if (!session.settings.cli.native?.joins)
    throw new Bail(
      `Processes already running with PID ${found.pid}. Stop them first with: devenv processes down`,
    );
  const mode = await ask(plan.directory, { command: 'mode' }).catch(refused);
  if (mode['mode'] === 'foreground')
    throw new Bail(
      'Processes are already running in a foreground devenv session. Stop it first, or attach to it with: devenv processes attach',
    );
  const names = plan.processes.filter(({ enabled }) => enabled).map(({ name }) => name);
  const answer = await ask(plan.directory, { command: 'start', names }).catch(refused);
  const outcome = answer['outcome'] as Record<'scheduled' | 'skipped' | 'unknown', readonly string[]>;
  if (outcome.scheduled.length > 0) say(`Scheduled: ${outcome.scheduled.join(', ')}`);
  if (outcome.skipped.length > 0) say(`Already running or waiting: ${outcome.skipped.join(', ')}`);
  if (outcome.unknown.length > 0) say(`Unknown: ${outcome.unknown.join(', ')}`);
  return true;
}

export function refused(error: unknown): never {
  throw new Bail('Failed to connect to the process manager', [(error as Error).message]);
}

async function daemon(session: Session, plan: Plan, missing: string | null): Promise<void> {
  const config = join(plan.directory, 'daemon-config.json');
  const pidFile = join(plan.directory, 'native-manager.pid');
  writeFileSync(config, JSON.stringify({ ...plan, missing }), { mode: 0o600 });
  const log = openSync(join(plan.directory, 'daemon.log'), 'w');
  const flags = ['--disable-warning=ExperimentalWarning', process.argv[1] ?? ''];
  const child = spawn(process.execPath, [...flags, 'daemon-processes', config], {
    argv0: 'devenv',
    cwd: plan.root,
    env: { ...process.env, DEVENV_STAND_IN_HOME: session.settings.home },
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
      const said = readFileSync(join(plan.directory, 'daemon.log'), 'utf8').trim();
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
