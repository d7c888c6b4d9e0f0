/** The trees through chokidar, where our own watcher does not run (it needs one watch a directory, which is Linux). */
import { dirname, relative, sep } from 'node:path';
import type { TreeChange } from './tree.ts';
import type { Prune } from './prune.ts';

export interface ChokidarTreeOptions {
  readonly root: string;
  readonly prune: Prune;
  readonly onChange: (change: TreeChange) => void;
  readonly onTrouble: (code: string) => void;
}

export async function watchTreeWithChokidar(options: ChokidarTreeOptions): Promise<AsyncDisposable> {
  const { root, prune } = options;
  const { watch } = await import('chokidar');
  const toRelative = (path: string): string => relative(root, path).split(sep).join('/');
  let troubled = false;
  const watcher = watch(root, {
    ignored: (path, stats) => {
      const inside = toRelative(path);
      if (prune(inside) === 'skip') return true;
      return stats?.isDirectory() === true && prune(toRelative(dirname(path))) === 'shallow';
    },
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    atomic: false,
  });
  watcher.on('all', (event, path, stats) => {
    const changedMs = stats ? Math.max(stats.mtimeMs, stats.ctimeMs) : Date.now();
    options.onChange({ path: toRelative(path), directory: event.endsWith('Dir'), changedMs });
  });
  watcher.on('error', (error) => {
    if (troubled) return;
    troubled = true;
    options.onTrouble((error as NodeJS.ErrnoException).code ?? String(error));
  });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return { [Symbol.asyncDispose]: () => watcher.close() };
}
