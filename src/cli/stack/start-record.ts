/** Decides with which environment and flags a stack comes back: those of its start, never those of whoever restarts it. */
import type { Environment } from '../../core/environment.ts';
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
  const recorded = readStart(stack.project);
  const { env, argv } = howItRuns(stack, instance);
  if (caller.fresh) return freshStart(caller.cwd, caller.env, argv);
  if (instance?.owner !== 'external' && recorded.ok && recorded.value) return recorded.value;
  return freshStart(instance?.cwd ?? caller.cwd, env ?? caller.env, argv);
}

/** `env` null: not known. `argv` null: a plain start, from the files of the project. */
export function howItRuns(
  stack: Stack,
  instance: Instance | null,
): { env: Environment | null; argv: readonly string[] | null } {
  const recorded = readStart(stack.project);
  const last = recorded.ok ? recorded.value : null;
  if (instance === null) return { env: last?.env ?? null, argv: last?.argv ?? null };
  const env = readEnvironment(instance.server.pid);
  const own = env && stackEnvironment(env);
  return instance.owner === 'external'
    ? { env: own, argv: instance.argv }
    : { env: last?.env ?? own, argv: last?.argv ?? null };
}
