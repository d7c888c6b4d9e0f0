/** With which environment and flags a stack comes back: as a person started it, never as whoever restarts it. */
import { stackEnvironment } from '../../core/environment.ts';
import { readEnvironment } from '../../processes/evidence.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Stack } from './open-stack.ts';
import type { StartRecord } from './state-records.ts';
import { readStart } from './state-records.ts';

/** A start by a person: the caller's environment, less what belongs to the caller's own tools. */
export const freshStart = (
  cwd: string,
  env: NodeJS.ProcessEnv,
  argv: readonly string[] | null,
): StartRecord => ({
  schema: 1,
  at: new Date().toISOString(),
  argv,
  cwd,
  env: stackEnvironment(env),
});

/**
 * What a restart uses: the record of the last start; for a stack that somebody else started, the server's own
 * environment and command line from /proc; the caller's only where neither exists or `fresh` asks for it.
 */
export function startToRepeat(
  stack: Stack,
  instance: Instance | null,
  caller: { cwd: string; env: NodeJS.ProcessEnv; fresh: boolean },
): StartRecord {
  const external = instance?.owner === 'external' ? instance : null;
  const recorded = readStart(stack.project);
  const argv = external?.argv ?? (recorded.ok ? (recorded.value?.argv ?? null) : null);
  if (caller.fresh) return freshStart(caller.cwd, caller.env, argv);
  if (!external && recorded.ok && recorded.value) return recorded.value;
  const env = instance ? readEnvironment(instance.server.pid) : null;
  return freshStart(instance?.cwd ?? caller.cwd, env ?? caller.env, argv);
}
