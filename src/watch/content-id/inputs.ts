/** The named inputs: hashed in-process, because git may ignore them, they may lie anywhere, and hold secrets. */
import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { absent } from '../../core/freshness.ts';

/** Relative to the root with `/`; absolute for what lies outside. */
export function nameOf(root: string, path: string): string {
  const inside = relative(root, path);
  const outside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? path : inside.split(sep).join('/');
}

/** name → sha256; `absent`; `dir:…` over the names in a directory; `closed:…` for what cannot be read. */
export async function readInputs(root: string, inputs: readonly string[]): Promise<Map<string, string>> {
  const sorted = [...new Set(inputs)].toSorted();
  const values = await Promise.all(sorted.map(readInput));
  return new Map(sorted.map((path, i) => [nameOf(root, path), values[i] ?? absent]));
}

async function readInput(path: string): Promise<string> {
  try {
    // stat, not lstat: a devenv.nix that is a link means what it points to.
    const info = await stat(path);
    if (info.isDirectory()) return `dir:${digest(await names(path))}`;
    if (!info.isFile()) return `special:${info.mode & 0o170000}`; // reading a fifo would wait for ever
    return digest(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return absent;
    return `closed:${code ?? 'unknown'}`;
  }
}

/** What reading a directory tells an evaluation: names and kinds, not contents. */
async function names(path: string): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true });
  const kind = (entry: (typeof entries)[number]): string =>
    entry.isDirectory() ? 'd' : entry.isSymbolicLink() ? 'l' : 'f';
  return entries
    .map((entry) => `${kind(entry)} ${entry.name}`)
    .toSorted()
    .join('\0');
}

const digest = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
