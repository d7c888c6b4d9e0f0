/** Decides which process-compose is used: the running stack's own, PATH, the cache, or one built from tools/process-compose. */
import { join } from 'node:path';
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import { fail, ok } from '../../../core/result.ts';
import { build } from './build.ts';
import { cacheDirectory } from './cache.ts';
import { isExecutable, onPath } from './executable.ts';
import { findModule } from './module.ts';

const program = 'process-compose';

export interface FindBinaryOptions {
  /** The executable of the running stack's server; null: nothing runs. */
  readonly running: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** One line for people, before and about every 10 s during a build. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface FoundBinary {
  /** Absolute. */
  readonly path: string;
  readonly from: 'running' | 'PATH' | 'cache' | 'built';
}

/**
 * May take minutes, once a machine and version: then it builds. Idempotent, and safe beside itself in another process.
 * Fails with `binary-missing`, which tells what was tried and the ways to get one, or `interrupted`.
 */
export async function findBinary(options: FindBinaryOptions): Promise<Result<FoundBinary>> {
  const { running, env } = options;
  const tried: string[] = [];
  const missing = (last: string, detail = ''): Result<never> =>
    fail({
      reason: 'binary-missing',
      program,
      tried: [...tried, last],
      detail: [detail, waysToGetIt].filter(Boolean).join('\n'),
    });

  if (running !== null) {
    if (isExecutable(running)) return ok({ path: running, from: 'running' });
    tried.push(`the running stack's ${running}: no longer there`);
  }
  const installed = onPath(program, env);
  if (installed !== null) return ok({ path: installed, from: 'PATH' });
  tried.push(`PATH: no ${program}`);

  const module = findModule();
  if (module === null) return missing('build: this installation of upkeep lacks tools/process-compose');
  const directory = cacheDirectory(module, env);
  if (directory === null) return missing('cache: neither XDG_CACHE_HOME nor HOME is set to an absolute path');
  const target = join(directory, program);
  if (isExecutable(target)) return ok({ path: target, from: 'cache' });
  tried.push(`cache: no ${target}`);

  const go = onPath('go', env);
  if (go === null) return missing('build: no go on PATH');
  const built = await build({ ...options, module, go, target });
  if (built.ok || built.failure.reason === 'interrupted') return built;
  return missing(`build with ${go}: ${because(built.failure)}`, buildOutput(built.failure));
}

function because(failure: Failure): string {
  switch (failure.reason) {
    case 'state-unwritable':
      return `cannot write ${failure.path} (${failure.code})`;
    case 'command-failed':
      return failure.exitCode === null ? 'could not be started' : `exited with ${failure.exitCode}`;
    case 'command-timeout':
      return `not done after ${failure.timeoutMs / 60_000} minutes`;
    default:
      return failure.reason;
  }
}

/** The end of what go said; it names the proxy or the module that failed. */
const buildOutput = (failure: Failure): string =>
  failure.reason === 'command-failed' ? failure.stderr.trimEnd().split('\n').slice(-10).join('\n') : '';

const waysToGetIt = [
  'Ways to get it: install process-compose (nixpkgs and Homebrew have it) so that it is on PATH;',
  'or put Go 1.24 or newer on PATH: upkeep then builds it once, in about 90 s, into XDG_CACHE_HOME or ~/.cache.',
].join('\n');
