/** The door to the named inputs: hashed in-process, because git may ignore them, they may lie anywhere, and may hold secrets. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, isAbsolute, relative, sep } from 'node:path';
import { absent } from '../../core/freshness.ts';
import { sha256, sha256OfSecret } from '../../io/hash.ts';

/** Relative to the root with `/`; absolute for what lies outside. */
export function nameOf(root: string, path: string): string {
  const inside = relative(root, path);
  const outside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? path : inside.split(sep).join('/');
}

/** name → sha256; `absent`; `dir:…` over the names in a directory; `closed:…` for what cannot be read. */
export function readInputs(root: string, inputs: readonly string[]): Map<string, string> {
  const sorted = [...new Set(inputs)].toSorted();
  return new Map(sorted.map((path) => [nameOf(root, path), readInput(path)]));
}

function readInput(path: string): string {
  try {
    // stat, not lstat: a devenv.nix that is a link means what it points to.
    const info = statSync(path);
    if (info.isDirectory()) return `dir:${sha256OfSecret(names(path))}`;
    if (!info.isFile()) return `special:${info.mode & 0o170000}`; // reading a fifo would wait for ever
    const bytes = readFileSync(path);
    return basename(path) === 'upkeep.yaml' ? sha256(bytes) : sha256OfSecret(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return absent;
    return `closed:${code ?? 'unknown'}`;
  }
}

/** What an evaluation learns from reading a directory: names and kinds, not contents. */
function names(path: string): string {
  const entries = readdirSync(path, { withFileTypes: true });
  const kind = (entry: (typeof entries)[number]): string =>
    entry.isDirectory() ? 'd' : entry.isSymbolicLink() ? 'l' : 'f';
  return entries
    .map((entry) => `${kind(entry)} ${entry.name}`)
    .toSorted()
    .join('\0');
}
