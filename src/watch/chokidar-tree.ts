/** Watches a tree through chokidar, where our own watcher does not run: it needs one watch per directory, as Linux has. */
import { dirname, relative, sep } from 'node:path';
import { bareEvents, untilReady } from './chokidar.ts';
import type { Prune } from './prune.ts';
import type { TreeChange } from './tree.ts';

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
  const watcher = watch(root, {
    ignored: (path, stats) => {
      const inside = toRelative(path);
      if (prune(inside) === 'skip') return true;
      return stats?.isDirectory() === true && prune(toRelative(dirname(path))) === 'shallow';
    },
    ...bareEvents,
  });
  watcher.on('all', (event, path, stats) => {
    const changedMs = stats ? Math.max(stats.mtimeMs, stats.ctimeMs) : Date.now();
    options.onChange({ path: toRelative(path), directory: event.endsWith('Dir'), changedMs });
  });
  return untilReady(watcher, options.onTrouble);
}
