/** Finds repositories within the tree: git stops at them silently, so each gets an index and a look of its own. */
import { lstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAnchored } from '../../core/ignore.ts';
import { sha256 } from '../../io/hash.ts';
import { gitPatterns, literalPart } from './ignore-rules.ts';
import type { Repository } from './scope.ts';

/** The repository at `dir` (relative to its parent's root, trailing slash); null: there is none. */
export function nestedRepository(
  parent: Repository,
  dir: string,
  ignore: readonly string[],
  sources: readonly string[] = ['.'],
): Repository | null {
  const root = resolve(parent.root, dir);
  const gitDir = gitDirOf(root);
  if (gitDir === null) return null;
  const key = sha256(root).slice(0, 16);
  return {
    root,
    workTree: root,
    gitDir,
    indexDir: join(parent.indexDir, 'nested', key),
    sources,
    // An anchored pattern means a place in the project, not in this repository; what it leaves out is filtered afterwards.
    patterns: gitPatterns(
      ignore.filter((pattern) => !isAnchored(pattern)),
      '',
    ),
    signal: parent.signal,
  };
}

/** `.git` itself, or where its `gitdir:` line points (submodule, linked work tree). */
function gitDirOf(root: string): string | null {
  const path = join(root, '.git');
  try {
    if (lstatSync(path).isDirectory()) return path;
    const target = /^gitdir:\s*(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
    return target ? resolve(root, target.trim()) : null;
  } catch {
    return null;
  }
}

export interface SplitSources {
  readonly own: readonly string[];
  /** nested directory (relative, trailing slash) → pathspecs relative to it. */
  readonly nested: ReadonlyMap<string, readonly string[]>;
}

/** Separates pathspecs that point into nested repositories: git would silently list nothing for them. */
export function splitSources(root: string, sources: readonly string[]): SplitSources {
  const nested = new Map<string, string[]>();
  const own: string[] = [];
  for (const source of sources) {
    const border = source.startsWith('..') || source.startsWith('/') ? null : borderOf(root, source);
    if (border === null) own.push(source);
    else nested.set(border.dir, [...(nested.get(border.dir) ?? []), border.rest]);
  }
  return { own, nested };
}

function borderOf(root: string, source: string): { dir: string; rest: string } | null {
  const clean = source.replace(/^(?:\.\/+)+/, '');
  const names = literalPart(clean)
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  for (let depth = 1; depth <= names.length; depth += 1) {
    const dir = `${names.slice(0, depth).join('/')}/`;
    if (gitDirOf(resolve(root, dir)) === null) continue;
    const rest = clean.startsWith(dir) ? clean.slice(dir.length) : '';
    return { dir, rest: rest === '' ? '.' : rest };
  }
  return null;
}
