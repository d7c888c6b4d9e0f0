/** Reads the content on disk into one value whose id is equal exactly when the content is. */
import { join, relative, sep } from 'node:path';
import type { Content, ContentList } from '../../core/content.ts';
import { absent } from '../../core/freshness.ts';
import type { IgnoreMatch } from '../../core/ignore.ts';
import { compileIgnore, literalPattern } from '../../core/ignore.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { sha256 } from '../../io/hash.ts';
import { peekThrough } from '../peek.ts';
import { gitPatterns } from './ignore-rules.ts';
import { nameOf, readInputs } from './inputs.ts';
import { look } from './look.ts';
import { nestedRepository, splitSources } from './nested.ts';
import type { ContentScope, Repository } from './scope.ts';
import { walkTree } from './walk.ts';

/**
 * Reads what is on disk now. Writes nothing of the user's, stores no content. Safe to run concurrently, in one process or
 * several. Fails with `git-failed` (unknown, which is never "the same"), `root-vanished`, `state-unwritable`, `interrupted`.
 */
export async function readContent(scope: ContentScope, signal?: AbortSignal): Promise<Result<Content>> {
  if (!peekThrough(scope.root)?.isDirectory()) {
    return fail({ reason: 'root-vanished', root: scope.root });
  }
  const config = readInputs(scope.root, scope.inputs);
  const code = await readCode(scope, signal);
  if (!code.ok) return code;
  return ok(contentOf(config, code.value));
}

/** Equal lists give an equal id; a named input that is absent counts like one that was not named. */
function contentOf(config: ContentList, code: ContentList): Content {
  const texts = [config, code].map((list) => {
    const present = [...list].filter(([, value]) => value !== absent);
    return `${present.length}\0${present.map(([path, value]) => `${path}\0${value}\0`).join('')}`;
  });
  return { id: sha256(texts.join('')), config, code };
}

async function readCode(scope: ContentScope, signal: AbortSignal | undefined): Promise<Result<ContentList>> {
  if (scope.sources.length === 0) return ok(new Map());
  const leftOut = compileIgnore(scope.ignore);
  const prefix = relative(scope.workTree, scope.root).split(sep).join('/');
  const state = relative(scope.workTree, scope.stateDir).split(sep).join('/');
  const repository: Repository = {
    root: scope.root,
    workTree: scope.workTree,
    gitDir: scope.gitDir,
    indexDir: join(scope.stateDir, 'index'),
    sources: scope.sources,
    patterns: [
      ...gitPatterns(scope.ignore, prefix),
      ...(state.startsWith('..') ? [] : [`/${literalPattern(state)}/`]),
    ],
    signal,
  };
  const { own, nested } = splitSources(scope.root, scope.sources);
  const entries = new Map<string, string>();
  const add = (found: ReadonlyMap<string, string>): void => {
    for (const [path, value] of found) entries.set(path, value);
  };
  const listed =
    own.length === 0 ? ok(new Map()) : await lookInto({ ...repository, sources: own }, '', scope, leftOut);
  if (!listed.ok && listed.failure.reason === 'binary-missing') return walk(scope, leftOut, signal);
  if (!listed.ok) return listed;
  add(listed.value);
  for (const [dir, sources] of nested) {
    const inner = nestedRepository(repository, dir, scope.ignore, sources);
    const found = inner ? await lookInto(inner, dir, scope, leftOut) : ok(new Map());
    if (!found.ok) return found;
    add(found.value);
  }
  return ok(codeOf(entries, scope, leftOut));
}

/** A repository and what is nested in it, as one list relative to the project's root. */
async function lookInto(
  repository: Repository,
  prefix: string,
  scope: ContentScope,
  leftOut: IgnoreMatch,
): Promise<Result<ReadonlyMap<string, string>>> {
  const looked = await look(repository);
  if (!looked.ok) return looked;
  if (prefix === '' && looked.value.nested.length === 0) return ok(looked.value.entries);
  const entries = new Map<string, string>();
  for (const [path, value] of looked.value.entries) entries.set(prefix + path, value);
  for (const dir of looked.value.nested) {
    const inner = leftOut(prefix + dir) === null ? nestedRepository(repository, dir, scope.ignore) : null;
    if (!inner) continue;
    const found = await lookInto(inner, prefix + dir, scope, leftOut);
    if (!found.ok) return found;
    for (const [path, value] of found.value) entries.set(path, value);
  }
  return ok(entries);
}

async function walk(
  scope: ContentScope,
  leftOut: IgnoreMatch,
  signal: AbortSignal | undefined,
): Promise<Result<ContentList>> {
  try {
    const state = `${nameOf(scope.root, scope.stateDir)}/`;
    const entries = await walkTree(
      scope.root,
      scope.sources,
      (path) => (path === state ? state : leftOut(path)),
      signal,
    );
    return ok(codeOf(entries, scope, leftOut));
  } catch (error) {
    if (signal?.aborted) return fail({ reason: 'interrupted' });
    throw error;
  }
}

/** Less what is left out and less the inputs that are configuration alone, sorted. */
function codeOf(
  entries: ReadonlyMap<string, string>,
  scope: ContentScope,
  leftOut: IgnoreMatch,
): ContentList {
  const shared = new Set(scope.shared);
  const own = scope.inputs.filter((path) => !shared.has(path));
  const inputs = new Set(own.map((path) => nameOf(scope.root, path)));
  const paths = [...entries.keys()].filter((path) => !inputs.has(path) && leftOut(path) === null);
  return new Map(paths.toSorted().map((path) => [path, entries.get(path) ?? '']));
}
