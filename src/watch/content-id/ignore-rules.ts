/** Decides which untracked files count, and finds what git tracks although its rules ignore it. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ephemeral, isAnchored, literalPattern } from '../../core/ignore.ts';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { peek, peekExactly } from '../peek.ts';
import { sharedExclude, splitPaths, userGit } from './git.ts';
import type { Repository } from './scope.ts';

/** `.env*` count even when git ignores them; `.env/` is a Python environment. Later patterns win in git. */
const environmentFiles = ['!.env*', '.env/'];

/**
 * The patterns for `git ls-files -x`, which are relative to the work tree: those of upkeep.yaml are relative to the root.
 * `prefix`: from the work tree to the root, '' when they are the same.
 */
export function gitPatterns(ignore: readonly string[], prefix: string): string[] {
  const place = prefix === '' ? '' : `${literalPattern(prefix)}/`;
  const moved = ignore
    .filter((pattern) => pattern.trim() !== '' && !pattern.startsWith('#'))
    .map((pattern) => {
      if (!isAnchored(pattern)) return pattern;
      const [, negation = '', body = ''] = /^(!?)\/?(.*)$/s.exec(pattern) ?? [];
      return `${negation}/${place}${body}`;
    });
  return [...environmentFiles, ...ephemeral, ...moved];
}

/** `--exclude-standard` of the private directory knows the .gitignore files; the rest is said here. */
export function excludeArgs(repository: Repository): string[] {
  const exclude = repository.gitDir === null ? null : sharedExclude(commonDir(repository.gitDir));
  const fromFile = exclude !== null && peek(exclude) ? ['-X', exclude] : [];
  return ['--exclude-standard', ...fromFile, ...repository.patterns.flatMap((pattern) => ['-x', pattern])];
}

/**
 * Paths in the user's index that the ignore rules would hide (`git add -f`): latin1, relative to the root. The only question
 * asked of the user's repository; if it fails ("dubious ownership"), the message is git's own.
 */
export async function trackedButIgnored(repository: Repository): Promise<Result<string[]>> {
  if (repository.gitDir === null) return ok([]);
  const listed = await userGit(repository, [
    'ls-files',
    '-z',
    '-c',
    '-i',
    '--exclude-standard',
    '--',
    ...repository.sources,
  ]);
  return listed.ok ? ok(splitPaths(listed.value)) : listed;
}

/** Changes whenever the rules may have changed, except by a .gitignore that is itself a source, which git names. */
export const rulesKey = (repository: Repository): string => ruleFiles(repository).map(stamp).join('|');

/** Absolute, there or not: `info/exclude`, and the .gitignore files from the sources up to the top of the work tree. */
export function ruleFiles(repository: Repository): readonly string[] {
  const { gitDir, root, workTree } = repository;
  const watched = [
    ...(gitDir === null ? [] : [sharedExclude(commonDir(gitDir))]),
    ...repository.sources.flatMap((source) => upTo(workTree, resolve(root, literalPart(source)))),
  ];
  return [...new Set(watched)];
}

/** Changes whenever what git tracks may have changed; also when `git status` merely refreshed its index. */
export const trackedKey = ({ gitDir }: Repository): string =>
  gitDir === null ? '' : stamp(join(gitDir, 'index'));

function upTo(top: string, from: string): string[] {
  const found: string[] = [];
  for (let dir = from; ; dir = dirname(dir)) {
    found.push(join(dir, '.gitignore'));
    if (dir === top || relative(top, dir).startsWith('..') || dir === dirname(dir)) return found;
  }
}

/** A pathspec up to its first magic; '' for one that is magic altogether. */
export const literalPart = (source: string): string =>
  source.startsWith(':')
    ? ''
    : (/^[^*?[\\]*/.exec(source)?.[0] ?? '').replace(/[^/]*$/, (rest) =>
        /[*?[\\]/.test(source) ? '' : rest,
      );

function stamp(path: string): string {
  const info = peekExactly(path);
  return info ? `${info.ino}.${info.size}.${info.mtimeNs}.${info.ctimeNs}` : '-';
}

/** The directory that linked work trees share. */
function commonDir(gitDir: string): string {
  try {
    return resolve(gitDir, readFileSync(join(gitDir, 'commondir'), 'utf8').trim());
  } catch {
    return gitDir;
  }
}
