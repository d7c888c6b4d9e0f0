/**
 * Stamps everything that decides what git says about a small tree, so that any change shows: the files of the index, the
 * directories (a file that is added, removed or renamed changes its directory), and the ignore rules.
 */
import type { BigIntStats } from 'node:fs';
import { readFileSync, readdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bytesOfText, fsPath, textOfBytes } from '../path-text.ts';
import { peekExactly } from '../peek.ts';
import { ruleFiles } from './ignore-rules.ts';
import type { Repository } from './scope.ts';

/** A path, relative to the root or absolute, and what was seen of it. */
export type Stamp = readonly [path: string, stamp: string];

/** In larger trees git is hardly slower than stamping. */
const atMost = { files: 400, directories: 64 } as const;

/** Longer than the granularity of any file system's clock. */
const restMs = 3_000;

/** ext, xfs, btrfs, tmpfs, f2fs, zfs, overlay: they maintain times as POSIX says; not all FUSE and network file systems do. */
const trusted = new Set([
  0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0xf2f5_2010, 0x2fc1_2fc1, 0x794c_7630,
]);

/** Restoring the size and mtime of a file (`cp -p`, `touch -r`) still changes its ctime, which cannot be set. */
export const stampOf = (info: BigIntStats | null): string =>
  info ? [info.dev, info.ino, info.mode, info.size, info.mtimeNs, info.ctimeNs].join('.') : '-';

type Add = (path: string, kind?: 'rules') => boolean;

/**
 * `files`: those of the index, and what git named. null: too many, something whose changes a stamp does not show, or not at rest
 * since well before `beganMs`; an answer that git gave after that is about what is stamped here. Throws on what cannot be read.
 */
export function stampTree(
  repository: Repository,
  files: readonly string[],
  beganMs: number,
): readonly Stamp[] | null {
  const { root } = repository;
  const isKnown = repository.sources.every(isPlainSource) && trusted.has(statfsSync(root).type);
  if (!isSmall(files.length) || !isKnown) return null;
  const stamps = new Map<string, string>();
  const device = peekExactly(root)?.dev;
  const restedBefore = BigInt(beganMs - restMs) * 1_000_000n;
  const add: Add = (path, kind) => {
    const info = peekExactly(fsPath(resolve(root, path)));
    stamps.set(path, stampOf(info));
    if (info === null) return true; // the directory that it would come into is stamped, too
    if (kind === 'rules' && !info.isFile()) return false; // what a link points to is not stamped
    return info.dev === device && info.ctimeNs < restedBefore;
  };
  const isAtRest =
    files.every((path) => add(path)) &&
    ruleFiles(repository).every((path) => add(path, 'rules') && add(dirname(path))) &&
    addDirectories(repository, files, add);
  return isAtRest ? [...stamps] : null;
}

export const isSmall = (files: number): boolean => files <= atMost.files;

/** A place at or below the root, without magic. */
const isPlainSource = (source: string): boolean =>
  /^[^:/*?[\\][^*?[\\]*$/.test(source) && !/(?:^|\/)\.\.(?:\/|$)/.test(source);

/** Adds the directories that git reads, and their rules: all but those that a rule certainly leaves out. */
function addDirectories(
  { root, workTree, patterns }: Repository,
  files: readonly string[],
  add: Add,
): boolean {
  const mayLeaveOut = patterns.every((pattern) => !pattern.startsWith('!') || pattern === '!.env*');
  const queue = [{ directory: '', rules: [] as readonly string[] }];
  for (let i = 0; i < queue.length; i += 1) {
    const { directory, rules: above } = queue[i] ?? { directory: '', rules: [] };
    const within = (name: string): string => (directory === '' ? name : `${directory}/${name}`);
    // Stamped before it is read: what comes after that changes it.
    if (i >= atMost.directories || !add(directory === '' ? '.' : directory)) return false;
    const entries = list(join(root, directory));
    // A repository of its own, or what will be one.
    const isRoot = directory === '' && root === workTree;
    if (!isRoot && entries.some(({ name }) => name === '.git')) return false;
    const hasRules = entries.some(({ name }) => name === '.gitignore');
    if (hasRules && !add(within('.gitignore'), 'rules')) return false;
    const rules = hasRules ? together(above, textOf(join(root, within('.gitignore')))) : above;
    for (const { name, isDirectory } of entries) {
      const path = within(name);
      const isLeftOut =
        mayLeaveOut && leavesOut(rules, name) && !files.some((file) => file.startsWith(`${path}/`));
      if (isDirectory && name !== '.git' && !isLeftOut) queue.push({ directory: path, rules });
    }
  }
  return true;
}

/** Rules by which git does not enter a directory, wherever it lies; none if any of them negates another. */
const together = (above: readonly string[], text: string): readonly string[] =>
  text.split('\n').some((rule) => rule.startsWith('!')) ? [] : [...above, ...text.split('\n')];

/** A rule that is literally this name leaves it out. `.env*` counts whatever the rules say. */
const leavesOut = (rules: readonly string[], name: string): boolean =>
  /^[\w.][\w.-]*$/.test(name) &&
  !name.startsWith('.env') &&
  rules.some((rule) => rule === name || rule === `${name}/`);

const textOf = (path: string): string => readFileSync(fsPath(path), 'utf8');

const list = (directory: string): { name: string; isDirectory: boolean }[] =>
  readdirSync(bytesOfText(directory), { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: textOfBytes(entry.name),
    isDirectory: entry.isDirectory(),
  }));
