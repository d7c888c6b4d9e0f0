/** Builds process-compose with Go from our pinned module into the cache, once per machine. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Result } from '../../../core/result.ts';
import { ok } from '../../../core/result.ts';
import { run } from '../../../io/run.ts';
import { unwritable } from '../../../io/unwritable.ts';
import { isExecutable } from './executable.ts';
import { goEnvironment } from './go-environment.ts';
import { holdLock } from './lock.ts';
import type { GoModule } from './module.ts';
import { reportEvery } from './progress.ts';

const buildTimeoutMs = 15 * 60_000;
const progressEveryMs = 10_000;

export interface BuildOptions {
  readonly module: GoModule;
  /** The go program, absolute. */
  readonly go: string;
  /** Where the program is to be; its directory is made. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * If two do it at the same time, one builds, and the other waits and finds the result in the cache. Fails with
 * `state-unwritable` (the cache), `command-failed`, `command-timeout` or `interrupted`; leaves no half file as `target`.
 */
export async function build(
  options: BuildOptions,
): Promise<Result<{ path: string; from: 'cache' | 'built' }>> {
  const { target, onProgress, signal } = options;
  const directory = dirname(target);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    return unwritable(directory, error);
  }
  const onWait = (): void => onProgress('another upkeep is building process-compose, waiting for it');
  const lock = await holdLock(join(directory, 'lock'), onWait, signal);
  if (!lock.ok) return lock;
  using builder = lock.value;
  if (isExecutable(target)) return ok({ path: target, from: 'cache' });
  // Without a lock another builder may be at work too; the rename below keeps that harmless, so let its file be.
  if (builder.held) removeLeftovers(directory);
  return await compile(options);
}

async function compile(options: BuildOptions): Promise<Result<{ path: string; from: 'built' }>> {
  const { module, go, target, env, onProgress, signal } = options;
  const temporary = `${target}.${process.pid}${temporarySuffix}`;
  const what = [
    '-trimpath',
    '-ldflags',
    '-s -w',
    '-o',
    temporary,
    'github.com/f1bonacc1/process-compose',
  ] as const;
  using _ = reportEvery(progressEveryMs, onProgress, {
    first: `building process-compose ${module.version}, once, about 90 s`,
    later: (seconds) => `building process-compose ${module.version} … ${seconds} s`,
  });
  const built = await run([go, 'build', '-mod=readonly', ...what], {
    cwd: module.directory,
    env: goEnvironment(env, { platform: platform(), arch: arch() }),
    timeoutMs: buildTimeoutMs,
    ...(signal ? { signal } : {}),
  });
  try {
    if (!built.ok) return built;
    renameSync(temporary, target);
    return ok({ path: target, from: 'built' });
  } catch (error) {
    return unwritable(target, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

const temporarySuffix = '.tmp';

/** What a killed builder left, 50 MB each. */
function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.endsWith(temporarySuffix)) rmSync(join(directory, name), { force: true });
  }
}
