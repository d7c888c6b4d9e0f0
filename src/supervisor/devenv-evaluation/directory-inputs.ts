/**
 * What lies in a directory that an evaluation read. `${./conf}` copies it into the store with all that is in it, and devenv
 * tells the directory alone; before 2.2 its cache sees no further than the names in it, so an edit below is never evaluated.
 */
import type { Dirent } from 'node:fs';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Whoever copies more has it copied at each save: every look would read it all, and its sources are watched anyhow. */
const entriesAtMost = 256;

const leftOut = /^(?:\.git|\.devenv.*|\.direnv|node_modules|target)$/;

/** The path itself; of a directory also each file and directory below, or none of them where there are too many. */
export function withContents(path: string): readonly string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const found = [path];
  for (const directory of found) {
    for (const entry of entriesOf(directory)) {
      if (leftOut.test(entry.name) || !(entry.isFile() || entry.isDirectory())) continue;
      if (found.length > entriesAtMost) return [path];
      found.push(join(directory, entry.name));
    }
  }
  return found;
}

/** None where `path` is no directory, or cannot be read. */
function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
