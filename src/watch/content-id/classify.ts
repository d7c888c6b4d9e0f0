/** Decides what to do with each path that git named: hash it, forget it, or only note that it exists. */
import { accessSync, constants, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { createHash } from '../../io/hash.ts';
import { fsPath, textOfLatin1 } from '../path-text.ts';
import { peek } from '../peek.ts';

export interface Classified {
  /** A file or a symbolic link; latin1. */
  readonly present: string[];
  /** Missing, a directory (git exits 128 on one), or something without content; latin1. */
  readonly gone: string[];
  /** Existing but unreadable: path → what can be seen of it. */
  readonly closed: Map<string, string>;
  /** Those of `present` that changed within the second of this look: a further change in that second may leave no trace. */
  readonly young: string[];
}

/** `paths` are latin1, relative to `root`. */
export async function classify(root: string, paths: readonly string[]): Promise<Classified> {
  const found: Classified = { present: [], gone: [], closed: new Map(), young: [] };
  for (const [i, path] of paths.entries()) {
    if (i % 2000 === 1999) await breathe(); // a first look may have 100k of them, and must not block the event loop
    sort(root, path, found);
  }
  return found;
}

function sort(root: string, latin1: string, found: Classified): void {
  const text = textOfLatin1(latin1);
  const path = fsPath(resolve(root, text));
  const info = peek(path);
  if (!info || !(info.isFile() || info.isSymbolicLink())) {
    found.gone.push(latin1);
    return;
  }
  if (info.isFile() && !readable(path, info.uid, info.mode)) {
    found.gone.push(latin1);
    found.closed.set(text, `closed:${info.size}:${info.mtimeMs}`);
    return;
  }
  found.present.push(latin1);
  if (Math.floor(info.ctimeMs / 1000) >= Math.floor(Date.now() / 1000)) found.young.push(latin1);
}

/** An unreadable file (a container's volume) would make git exit 128 for the whole tree. */
function readable(path: string | Buffer, uid: number, mode: number): boolean {
  if (uid === process.getuid?.() && (mode & 0o400) !== 0) return true;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The hash of the file as it is now, in the form of parseListing; null when it is missing or cannot be read. */
export function hashInProcess(path: string | Buffer): string | null {
  try {
    const link = lstatSync(path).isSymbolicLink();
    const bytes = link ? readlinkSync(path, 'buffer') : readFileSync(path);
    const hash = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    return link ? `link:${hash}` : hash;
  } catch {
    return null;
  }
}
