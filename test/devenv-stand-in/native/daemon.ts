/** `devenv daemon-processes R/processes/daemon-config.json`: the manager in the background. */
import { readFileSync, rmSync } from 'node:fs';
import { Bail } from '../say.ts';
import type { Settings } from '../settings.ts';
import { Manager } from './manager.ts';
import type { DaemonConfig } from './plan.ts';
import { planOf, refusal } from './plan.ts';

/** Whoever wrote the file: devenv's own `up`, as a rule. */
export async function runDaemon(settings: Settings, path: string): Promise<void> {
  const config = JSON.parse(readFileSync(path, 'utf8')) as DaemonConfig;
  rmSync(path);
  const refused = refusal(config.tasks, settings);
  if (refused !== null) throw new Bail(`Failed to build task runner: ${refused}`);
  await new Manager(planOf(config, settings, process.cwd()), 'daemon').run();
}
