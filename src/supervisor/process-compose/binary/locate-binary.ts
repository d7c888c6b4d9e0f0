/** Finds a process-compose without building one: the running stack's, on PATH, in the cache. */
import { basename, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { isExecutable, onPath } from './executable.ts';
import type { GoModule } from './module.ts';
import { findModule } from './module.ts';

export interface FoundBinary {
  /** Absolute. */
  readonly path: string;
  readonly from: 'running' | 'PATH' | 'cache' | 'built';
}

export interface Location {
  readonly found: FoundBinary | null;
  /** Where it was not found, for people. */
  readonly tried: readonly string[];
  /** What would be built, and where to; a string: why nothing can be built. */
  readonly build: { readonly module: GoModule; readonly go: string; readonly target: string } | string;
}

/** @param running the executable of the running stack's server; null: nothing runs. */
export function locateBinary(running: string | null, env: NodeJS.ProcessEnv): Location {
  const tried: string[] = [];
  const at = (path: string, from: FoundBinary['from']): Location => ({
    found: { path, from },
    tried,
    build: 'not needed',
  });
  if (running !== null) {
    // A server that is just being launched still shows the program that forked it, node or a shell.
    if (!basename(running).includes('process-compose'))
      tried.push(`the running stack's ${running}: another program`);
    else if (isExecutable(running)) return at(running, 'running');
    else tried.push(`the running stack's ${running}: no longer there`);
  }
  const installed = onPath('process-compose', env);
  if (installed !== null) return at(installed, 'PATH');
  tried.push('PATH: no process-compose');

  const without = (build: string): Location => ({ found: null, tried, build });
  const module = findModule();
  if (module === null) return without('build: this installation of upkeep lacks tools/process-compose');
  const directory = cacheDirectory(module, env);
  if (directory === null) return without('cache: neither XDG_CACHE_HOME nor HOME is set to an absolute path');
  const target = join(directory, 'process-compose');
  if (isExecutable(target)) return at(target, 'cache');
  tried.push(`cache: no ${target}`);

  const go = onPath('go', env);
  return go === null
    ? without('build: no go on PATH')
    : { found: null, tried, build: { module, go, target } };
}
