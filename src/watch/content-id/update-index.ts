/** Brings the private index up to date, on a copy that is renamed into place. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { joinPaths, privateGit, splitPaths } from './git.ts';
import { excludeArgs } from './ignore-rules.ts';
import { discardDraft, draftIndex, indexIdentity, publishIndex } from './private-index.ts';
import type { Repository } from './scope.ts';

/** All paths latin1, relative to the repository's root. */
export interface IndexChange {
  /** To be hashed: not in the index, or different from it. */
  readonly add: readonly string[];
  /** To be hashed although they look unchanged to the index. */
  readonly again: readonly string[];
  readonly forget: readonly string[];
  /**
   * When the rules changed: what git tracks although it is ignored; else null. Anything else that is now ignored is removed:
   * git does not ignore what is in its index, so a file listed before its rule was written would stay for ever.
   */
  readonly purgeBut: ReadonlySet<string> | null;
}

/** What to work from, and where the outcome goes. */
export interface IndexFiles {
  /** The index that was looked at: the shared one, or a copy of it. */
  readonly from: string;
  readonly to: string;
}

/**
 * The identity of the new index and its listing (`ls-files -s -z`); null: `from` was replaced since `identity` was read, and
 * what is known about it may not hold for its successor. `beganMs`: when the look began; see publishIndex.
 */
export async function updateIndex(
  repository: Repository,
  { from, to }: IndexFiles,
  identity: string,
  change: IndexChange,
  beganMs: number,
): Promise<Result<{ readonly index: string; readonly raw: string } | null>> {
  const drafted = draftIndex(from);
  if (!drafted.ok) return drafted;
  const draft = drafted.value;
  const update = (options: readonly string[], paths: readonly string[]): Promise<Result<unknown>> =>
    paths.length === 0
      ? Promise.resolve(ok(null))
      : privateGit(repository, draft, ['update-index', ...options, '-z', '--stdin'], joinPaths(paths));
  try {
    if (indexIdentity(draft) !== identity) return ok(null);
    const purged = change.purgeBut ? await ignoredEntries(repository, draft, change.purgeBut) : ok([]);
    if (!purged.ok) return purged;
    const removed = await update(['--force-remove'], [...change.forget, ...change.again, ...purged.value]);
    if (!removed.ok) return removed;
    // --remove: a file that vanished since it was classified is gone, not an error.
    const added = await update(
      ['--add', '--remove', '--replace', '--info-only'],
      [...change.add, ...change.again],
    );
    if (!added.ok) return added;
    // Listed from the draft, which nobody else touches.
    const raw = await privateGit(repository, draft, ['ls-files', '-s', '-z', '--', ...repository.sources]);
    if (!raw.ok) return raw;
    const index = indexIdentity(draft);
    if (index !== 'none') publishIndex(draft, to, beganMs);
    return ok({ index, raw: raw.value });
  } finally {
    discardDraft(draft);
  }
}

async function ignoredEntries(
  repository: Repository,
  draft: string,
  but: ReadonlySet<string>,
): Promise<Result<string[]>> {
  if (indexIdentity(draft) === 'none') return ok([]);
  const args = ['ls-files', '-z', '-c', '-i', ...excludeArgs(repository), '--', ...repository.sources];
  const listed = await privateGit(repository, draft, args);
  return listed.ok ? ok(splitPaths(listed.value).filter((path) => !but.has(path))) : listed;
}
