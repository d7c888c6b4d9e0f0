/** Where the watcher's own words go: `upkeep watch > watch.log` in the project must not restart the stack for them. */
import { fstatSync, readlinkSync } from 'node:fs';
import { nameOf } from '../../watch/content-id/inputs.ts';

/** Files of the tree, relative to `root`; a pipe's other end cannot be seen. */
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
