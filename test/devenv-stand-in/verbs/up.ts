/** `up`: evaluate, write `.devenv/processes`, and run it: in the foreground by becoming it, or in the background. */
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatePorts } from '../allocate.ts';
import type { Built } from '../build.ts';
import { buildShell, buildTasks, buildUpScript } from '../build.ts';
import type { Allocated } from '../evaluate.ts';
import type { Environment } from '../enter.ts';
import { become, captureEnvironment, enterCommand, outerEnvironment } from '../enter.ts';
import { upNative } from '../native/up.ts';
import { readPidFile } from '../pid-file.ts';
import { Bail, Usage, say, saySpan } from '../say.ts';
import type { Session } from '../session.ts';
import { place } from '../place.ts';

export interface UpRequest {
  readonly names: readonly string[];
  readonly detach: boolean;
}

export async function up(session: Session, request: UpRequest): Promise<void> {
  const { cli } = session.settings;
  const startedAt = performance.now();
  if (cli.joinNames === null && request.names.length > 1)
    throw new Usage(`error: unexpected argument '${request.names[1]}' found`);
  const { config } = await session.evaluate('processes', null, {});
  if (Object.keys(config.processes).length === 0) {
    say("No 'processes' option defined: https://devenv.sh/processes/");
    throw new Bail('No processes defined');
  }
  const allocated = await allocatePorts(session, config);
  if (config.implementation === 'native') return upNative(session, request, allocated);
  const script = await buildUpScript(session, 'Building processes', allocated);
  writeLauncher(session, script, request);
  const shell = await buildShell(session, allocated);
  if (cli.native) await linkTasks(session, allocated);
  guard(session, request);
  if (request.detach) detach(session, shell, startedAt);
  else foreground(session, shell);
}

const linkTasks = async (session: Session, allocated: Allocated): Promise<void> => {
  await buildTasks(session, allocated);
};

const launcher = ({ project }: Session): string => join(project.dotfile, 'processes');

/** Rewritten by every `up`, before any check. */
function writeLauncher(session: Session, script: string, { names, detach: detached }: UpRequest): void {
  const words = names.join(session.settings.cli.joinNames ?? ' ');
  const path = launcher(session);
  writeFileSync(
    path,
    [
      '#!/usr/bin/env bash',
      ...(detached ? ['export PC_TUI_ENABLED=0'] : []),
      `exec ${script} ${words}`,
      '',
    ].join('\n'),
  );
  chmodSync(path, 0o755);
}

function guard(session: Session, { detach: detached }: UpRequest): void {
  const { cli } = session.settings;
  if (cli.guard === 'nobody' || (cli.guard === 'detached' && !detached)) return;
  const found = readPidFile(session.project.pidFile);
  if (found.is === 'alive')
    throw new Bail(
      `Processes already running with PID ${found.pid}. Stop them first with: devenv processes down`,
    );
  if (found.is === 'stale') {
    say(`Found stale PID file with PID ${found.pid}. Removing it.`);
    rmSync(session.project.pidFile);
  }
}

interface Launch {
  readonly argv: readonly string[];
  readonly env: Environment;
}

function launch(session: Session, shell: Built): Launch {
  const path = launcher(session);
  if (!session.settings.cli.native)
    return { argv: enterCommand(session, shell, [path]), env: outerEnvironment(session) };
  return { argv: [session.packages.bash, path], env: captureEnvironment(session, shell) };
}

/** No pid file: `down` will not find it. */
function foreground(session: Session, shell: Built): never {
  const { argv, env } = launch(session, shell);
  return become(argv, env);
}

/** In the caller's session; in 1.x in the caller's group, too. */
function detach(session: Session, shell: Built, startedAt: number): void {
  const { argv, env } = launch(session, shell);
  const { pidFile, logFile } = session.project;
  const ownGroup = join(place, 'programs/own-group');
  const [program = '', ...words] = session.settings.cli.ownGroup ? [ownGroup, ...argv] : argv;
  const log = openSync(logFile, 'w');
  const child = spawn(program, words, { env, stdio: ['inherit', log, log], cwd: session.project.root });
  closeSync(log);
  child.unref();
  writeFileSync(pidFile, String(child.pid));
  say(`PID is ${child.pid}`);
  say(`See logs:  $ tail -f ${logFile}`);
  say('Stop:      $ devenv processes stop');
  saySpan('Starting processes', startedAt);
}
