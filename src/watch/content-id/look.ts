/**
 * One look at one repository: what is there now, path → hash.
 *
 *   small tree, nothing changed since the last answer ──▶ that answer, in place of one of git     (kept-answer.ts)
 *          │ else
 *          ▼
 *   ls-files -m -o -d ──prints nothing, list belongs to the index──▶ the kept list        (the warm path: one git call)
 *          │ prints a few paths, list belongs to the index ─────────────▶ the kept list with them   (one save: one git call)
 *          ▼
 *   classify ──▶ copy of the index ──▶ update-index ──▶ rename into place ──▶ ls-files -s ──▶ keep the list
 */
import { rmSync } from 'node:fs';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { textOfLatin1 } from '../path-text.ts';
import { classify } from './classify.ts';
import { privateGit, splitPaths } from './git.ts';
import { keepAnswer, keptAnswer } from './kept-answer.ts';
import { excludeArgs, rulesKey, trackedButIgnored, trackedKey } from './ignore-rules.ts';
import { listingFile, parseListing, readListing, writeListing } from './listing.ts';
import { discardDraft, draftIndex, ensurePrivateIndex, indexIdentity, rejuvenate } from './private-index.ts';
import type { Repository } from './scope.ts';
import { isSmall } from './stamps.ts';
import type { IndexFiles } from './update-index.ts';
import { updateIndex } from './update-index.ts';
import { fewChanges } from './few-changes.ts';
import { slippedThrough, stillYoung } from './young.ts';

export interface Seen {
  /** Relative to the repository's root. */
  readonly entries: ReadonlyMap<string, string>;
  /** Directories that may hold a repository of their own, relative, with a trailing slash. */
  readonly nested: readonly string[];
}

/** Changing files may make git fail once, and another reader may replace the index meanwhile. */
const attempts = 4;

/** Fails with `git-failed`, `binary-missing` (no git), `state-unwritable` or `interrupted`. */
export async function look(repository: Repository): Promise<Result<Seen>> {
  const index = ensurePrivateIndex(repository.indexDir);
  if (!index.ok) return index;
  let last: Result<Seen | null> = ok(null);
  for (let i = 0; i < attempts; i += 1) {
    // The first look reads the shared index as it lies; after that a copy, which nobody can replace under it.
    const from = i === 0 ? index : draftIndex(index.value);
    if (!from.ok) return from;
    last = await lookOnce(repository, { from: from.value, to: index.value });
    if (i > 0) discardDraft(from.value);
    if (last.ok && last.value) return ok(last.value);
    if (!last.ok && last.failure.reason !== 'git-failed') return last;
    // The index was cut off by a full disk or a power failure. It is only a cache.
    if (!last.ok && isTorn(last.failure)) rmSync(index.value, { force: true });
  }
  const message = 'the tree or the index kept changing while it was read';
  return last.ok ? fail({ reason: 'git-failed', root: repository.root, message }) : last;
}

const isTorn = (failure: Failure): boolean =>
  failure.reason === 'git-failed' && /index file|bad (?:index|signature)/.test(failure.message);

/** null: somebody else replaced the index in between. */
async function lookOnce(repository: Repository, files: IndexFiles): Promise<Result<Seen | null>> {
  const beganMs = Date.now();
  const file = listingFile(repository);
  const keys = {
    index: indexIdentity(files.from),
    rules: rulesKey(repository),
    trackedAt: trackedKey(repository),
  };
  const kept = readListing(file);
  const known = kept?.index === keys.index ? kept : null;
  const entries = known ? parseListing(known.raw) : new Map<string, string>();

  const sources = ['--', ...repository.sources];
  const args = ['ls-files', '-z', '-m', '-o', '-d', ...excludeArgs(repository), ...sources];
  const answer = known ? keptAnswer(file, repository.root, keys.index) : null;
  const printed = answer === null ? await privateGit(repository, files.from, args) : ok(answer);
  if (!printed.ok) return printed;
  const named = splitPaths(printed.value);
  // Somebody may have replaced the index before git read it.
  const isOfIndex = known !== null && indexIdentity(files.from) === keys.index;
  if (isOfIndex && answer === null && isSmall(entries.size)) {
    // What git named comes first: after a save it is too young, and nothing more needs to be stamped.
    const all = [...named.map(textOfLatin1), ...entries.keys()];
    keepAnswer(file, { repository, index: keys.index, files: all, beganMs }, printed.value);
  }

  const newRules = kept?.rules !== keys.rules || named.some((path) => /(?:^|\/)\.gitignore$/.test(path));
  const newTracked = newRules || kept.trackedAt !== keys.trackedAt;
  const tracked = newTracked ? await trackedButIgnored(repository) : ok(kept.tracked);
  if (!tracked.ok) return tracked;
  const trackedSet = new Set(tracked.value);
  const hidden = tracked.value.filter((path) => !entries.has(textOfLatin1(path)));

  const found = await classify(repository.root, [
    ...new Set([...named.filter((p) => !p.endsWith('/')), ...hidden]),
  ]);
  const nested = [
    ...named.filter((p) => p.endsWith('/')),
    ...found.gone.filter((p) => trackedSet.has(p)).map((p) => `${p}/`),
  ];
  const again = known ? slippedThrough(repository.root, known.young, entries) : (kept?.young ?? []);
  const forget = known ? found.gone.filter((path) => entries.has(textOfLatin1(path))) : found.gone;
  const purge = newRules || kept.tracked.some((path) => !trackedSet.has(path));
  const result = (list: ReadonlyMap<string, string>): Result<Seen> =>
    ok({ entries: new Map([...list, ...found.closed]), nested: nested.map(textOfLatin1) });

  if (known && !purge && found.present.length + again.length + forget.length === 0) {
    if (indexIdentity(files.from) !== keys.index) return ok(null);
    rejuvenate(files.from, keys.index, beganMs);
    const young = stillYoung(repository.root, known.young, beganMs);
    if (young.length < known.young.length || newTracked) {
      writeListing(file, { ...keys, tracked: tracked.value, young, raw: known.raw });
    }
    return result(entries);
  }

  const few =
    known && !purge ? fewChanges(repository.root, entries, [...found.present, ...again], forget) : null;
  if (known && few) {
    if (indexIdentity(files.from) !== keys.index) return ok(null);
    if (newTracked) writeListing(file, { ...known, ...keys, tracked: tracked.value });
    return result(few);
  }

  const change = { add: found.present, again, forget, purgeBut: purge ? trackedSet : null };
  const updated = await updateIndex(repository, files, keys.index, change, beganMs);
  if (!updated.ok || updated.value === null) return updated.ok ? ok(null) : updated;
  const { index, raw } = updated.value;
  const young = [...found.young, ...stillYoung(repository.root, kept?.young ?? [], beganMs)];
  writeListing(file, {
    ...keys,
    index,
    tracked: tracked.value,
    young: [...new Set(young)],
    raw,
  });
  return result(parseListing(raw));
}
