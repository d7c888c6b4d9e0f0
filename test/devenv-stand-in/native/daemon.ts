/** `devenv daemon-processes R/processes/daemon-config.json`: the manager in the background. */
import { readFileSync, rmSync } from 'node:fs';
import { Bail } from '../say.ts';
import { Manager } from './manager.ts';
import type { Plan } from './plan.ts';

export async function runDaemon(path: string): Promise<void> {
  const { missing, ...plan } = JSON.parse(readFileSync(path, 'utf8')) as Plan & { missing: string | null };
  rmSync(path);
  if (missing !== null) throw new Bail(missing);
  await new Manager(plan, 'daemon').run();
}
