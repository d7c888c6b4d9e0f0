/** `processes down` of the native manager: TERM, 30 s, then KILL to the manager alone; its children have other sessions. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readPidFile, signal, waitGone } from '../pid-file.ts';
import type { Project } from '../project.ts';
import type { Native } from '../releases.ts';
import { Bail } from '../say.ts';

export async function downNative({ native: directory }: Project, native: Native): Promise<void> {
  const path = join(directory, 'native-manager.pid');
  const found = readPidFile(path);
  if (found.is === 'missing' || found.is === 'invalid') throw new Bail(native.noneRunning);
  if (found.is === 'alive') {
    signal(found.pid, 'SIGTERM');
    if (!(await waitGone(found.pid, 30_000))) signal(found.pid, 'SIGKILL');
  }
  rmSync(path, { force: true });
}
