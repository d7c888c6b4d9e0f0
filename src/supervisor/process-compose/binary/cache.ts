/** Decides where the built process-compose is kept: in the user's cache, one directory per build. */
import { arch, platform } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { GoModule } from './module.ts';

/** null: the environment names no place (neither XDG_CACHE_HOME nor HOME is an absolute path). */
export function cacheDirectory(module: GoModule, env: NodeJS.ProcessEnv): string | null {
  const home = env.HOME && isAbsolute(env.HOME) ? join(env.HOME, '.cache') : null;
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : home;
  if (base === null) return null;
  const build = `${module.version}-${platform()}-${arch()}-${module.sumHash}`;
  return join(base, 'upkeep', 'process-compose', build);
}
