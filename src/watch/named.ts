/**
 * Watches the named input files through chokidar: it watches their directories, and we filter the names. A watch on a file
 * itself would be lost with the first save that renames over it.
 */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, parse, sep } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { bareEvents, untilReady } from './chokidar.ts';
import { peekThrough } from './peek.ts';

export interface NamedOptions {
  /** Absolute; may be missing, with or without their directories. */
  readonly inputs: readonly string[];
  /** null: native events. */
  readonly pollMs: number | null;
  readonly onChange: (path: string, changedMs: number) => void;
  /** Called once at most, with the code of the error. */
  readonly onTrouble: (code: string) => void;
}

/** Resolves when every input is watched. */
export async function watchNamed(options: NamedOptions): Promise<AsyncDisposable> {
  const { watch } = await import('chokidar');
  const named = await withTargets(options.inputs.filter((path) => !path.startsWith('/nix/store/')));
  const directories = new Set(named.filter((path) => peekThrough(path)?.isDirectory()));
  const tops = topsOf(named);
  const onTheWay = new Set([...named, ...named.flatMap((path) => ancestors(path))]);
  const wanted = (path: string): boolean => onTheWay.has(path) || directories.has(dirname(path));
  const isInput = (path: string): boolean => named.includes(path) || directories.has(dirname(path));
  if (tops.length === 0) return { [Symbol.asyncDispose]: async () => {} };

  const watcher: FSWatcher = watch(tops, {
    ignored: (path) => !wanted(path),
    ...bareEvents,
    ...(options.pollMs === null ? {} : pollEvery(options.pollMs)),
  });
  watcher.on('all', (_, path, stats) => {
    if (isInput(path)) options.onChange(path, stats ? Math.max(stats.mtimeMs, stats.ctimeMs) : Date.now());
  });
  return untilReady(watcher, options.onTrouble);
}

const pollEvery = (ms: number) =>
  ({ backend: 'polling', pollingInterval: ms, pollingBinaryInterval: ms }) as const;

/** For an input that is a link, its target counts too. */
async function withTargets(inputs: readonly string[]): Promise<string[]> {
  const targets = inputs.map(async (path) => {
    try {
      return (await lstat(path)).isSymbolicLink() ? [path, await realpath(path)] : [path];
    } catch {
      return [path];
    }
  });
  return [...new Set((await Promise.all(targets)).flat())];
}

/** For each input the nearest directory above it that exists, less those within another. */
function topsOf(named: readonly string[]): string[] {
  const nearest = named.map(
    (path) => ancestors(path).find((dir) => peekThrough(dir)?.isDirectory()) ?? parse(path).root,
  );
  const all = [...new Set(nearest)];
  return all.filter(
    (dir) => !all.some((other) => other !== dir && dir.startsWith(other.endsWith(sep) ? other : other + sep)),
  );
}

/** Nearest first. */
function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let dir = dirname(path); dir !== found.at(-1); dir = dirname(dir)) found.push(dir);
  return found;
}
