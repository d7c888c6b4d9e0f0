/** A project on devenv's native manager: its files, its socket, and its ends. */
import { existsSync, readFileSync } from 'node:fs';
import type { ProcessRow } from '../../src/core/process.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive } from '../../src/processes/table.ts';
import type { Answer } from '../devenv-stand-in/native/client.ts';
import { ask } from '../devenv-stand-in/native/client.ts';
import type { DevenvOptions, DevenvProject } from './devenv.ts';
import { devenvProject } from './devenv.ts';
import { eventually } from './until.ts';

export const nativeProject = (options: DevenvOptions = {}): Promise<DevenvProject> =>
  devenvProject({ release: '2.2', manager: 'native', ...options });

export const nativeDirectory = (rig: DevenvProject): string => `${rig.runtime}/processes`;
export const nativeSocket = (rig: DevenvProject): string => `${nativeDirectory(rig)}/native.sock`;
export const nativePidFile = (rig: DevenvProject): string => `${nativeDirectory(rig)}/native-manager.pid`;

export const tell = (rig: DevenvProject, request: Answer): Promise<Answer> =>
  ask(nativeDirectory(rig), request);

/** The pid file is there: everything is ready, or has given up. */
export const settled = (rig: DevenvProject): Promise<unknown> =>
  eventually(
    'the pid file',
    () => existsSync(nativePidFile(rig)) && readFileSync(nativePidFile(rig), 'utf8'),
  );

/** As the kernel would for want of memory. */
export async function killManager(rig: DevenvProject): Promise<ProcessRow> {
  const [daemon] = rig.project.servers;
  if (!daemon) throw new Error('no manager');
  signalProcess(daemon, 'SIGKILL');
  await eventually('the manager is gone', () => !isAlive(daemon));
  return daemon;
}
