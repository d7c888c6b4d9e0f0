/** Decides which directories are not worth watching: they are large, and nothing in them is a source. */
import { basename, dirname, join } from 'node:path';
import type { IgnoreMatch } from '../core/ignore.ts';
import { compileIgnore } from '../core/ignore.ts';
import { peek } from './peek.ts';

/**
 * `skip`: no watch at all. `shallow`: watched, but nothing below it, so that a change that is left out can still be reported.
 * Takes paths relative to the root of the tree.
 */
export type Prune = (dir: string) => 'skip' | 'shallow' | null;

export interface PruneOptions {
  /** Absolute. */
  readonly root: string;
  /** Ours: what we write is not a hint. */
  readonly stateDir: string;
  /** gitignore-like, relative to the root. */
  readonly ignore: readonly string[];
  /** Whether git ignores this directory (relative, no trailing slash). */
  readonly isGitIgnored: (dir: string) => boolean;
}

/** Links are never followed anyway, so `result` of nix needs no rule. */
const never = compileIgnore(['.git', 'node_modules', '.devenv*', '.direnv']);

/** `target` is a build directory only beside these; elsewhere it is somebody's source code. */
const buildFiles = ['Cargo.toml', 'pom.xml', 'build.sbt'];

export function pruneOf({ root, stateDir, ignore, isGitIgnored }: PruneOptions): Prune {
  const leftOut: IgnoreMatch = ignore.some((pattern) => pattern.startsWith('!'))
    ? () => null
    : compileIgnore(ignore);
  return (dir) => {
    if (dir === '') return null;
    if (never(`${dir}/`) !== null || isGitIgnored(dir) || join(root, dir) === stateDir) return 'skip';
    if (basename(dir) === 'target' && isBuildTarget(join(root, dir))) return 'skip';
    return leftOut(`${dir}/`) === null ? null : 'shallow';
  };
}

const isBuildTarget = (path: string): boolean =>
  buildFiles.some((name) => peek(join(dirname(path), name)) !== null);
