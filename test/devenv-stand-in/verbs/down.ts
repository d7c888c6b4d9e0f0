/** `processes down`: TERM to the recorded pid, and what each release makes of the time after it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downNative } from '../native/down.ts';
import { readPidFile, signal, waitGone } from '../pid-file.ts';
import type { Project } from '../project.ts';
import { Bail, say } from '../say.ts';
import type { Settings } from '../settings.ts';

/** Evaluates nothing: a broken devenv.nix keeps nobody from it. */
export async function down(project: Project, settings: Settings): Promise<void> {
  const { cli } = settings;
  const found = readPidFile(project.pidFile);
  if (found.is === 'missing') {
    if (cli.native && usesNative(project)) return downNative(project, cli.native);
    if (cli.down === 'signal') say('No processes running.');
    throw new Bail(cli.native ? 'No processes running (PID file not found)' : 'No processes running');
  }
  if (!('pid' in found))
    throw new Bail('Invalid PID in processes.pid file', ['invalid digit found in string']);
  if (cli.down !== 'group') say(`Stopping process with PID ${found.pid}`);
  if (found.is === 'stale') {
    if (cli.down === 'group') return rmSync(project.pidFile);
    if (cli.down === 'signal') say(`Process with PID ${found.pid} not found.`);
    throw new Bail(cli.down === 'signal' ? 'Process not found' : `Process with PID ${found.pid} not found.`);
  }
  if (cli.down === 'group') say(`Stopping process with PID ${found.pid}`);
  if (cli.down === 'group' && signal(-found.pid, 'SIGTERM')) await end(found.pid);
  else {
    signal(found.pid, 'SIGTERM');
    if (cli.down !== 'signal') await end(found.pid);
  }
  rmSync(project.pidFile, { force: true });
}

async function end(pid: number): Promise<void> {
  if (await waitGone(pid, 30_000)) return;
  if (!signal(-pid, 'SIGKILL')) say('Failed to send SIGKILL to process group');
}

/** Which manager it is would be known from the configuration; without a look at it, from what the last `up` left. */
const usesNative = ({ gc }: Project): boolean =>
  !existsSync(join(gc, 'procfilescript-devenv-config-procfileScript'));
