/** Finds the files that the watcher's own output goes to: `upkeep watch > watch.log` must not restart the stack. */
import { fstatSync, readlinkSync } from 'node:fs';
import { nameOf } from '../../watch/content-id/inputs.ts';

/** Files of the tree, relative to `root`. What a pipe leads to cannot be seen. */
export function ownOutputs(root: string): readonly string[] {
  const files = [1, 2].flatMap((fd) => {
    try {
      return fstatSync(fd).isFile() ? [readlinkSync(`/proc/self/fd/${fd}`)] : [];
    } catch {
      return []; // closed, or no /proc here
    }
  });
  return [...new Set(files)].map((path) => nameOf(root, path)).filter((name) => !name.startsWith('/'));
}
