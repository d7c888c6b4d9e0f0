/**
 * Keeps what git answered about a small tree, for as long as nothing has changed that the answer depends on: then a look does not
 * need git, which is a fifth of `upkeep status` (docs/performance.md). git itself uses the same signs for a clean entry.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fsPath } from '../path-text.ts';
import { peekExactly } from '../peek.ts';
import type { Repository } from './scope.ts';
import type { Stamp } from './stamps.ts';
import { stampOf, stampTree } from './stamps.ts';
import { discard } from '../../io/discard.ts';

interface KeptAnswer {
  readonly schema: 1;
  /** Of the index that git compared with: see indexIdentity. */
  readonly index: string;
  /** As git printed it, latin1. */
  readonly printed: string;
  readonly stamps: readonly Stamp[];
}

/** One beside each listing: the same index, pathspecs and patterns. */
const answerFile = (listing: string): string => listing.replace(/listing-([0-9a-f]+)$/, 'answer-$1');

/** What git would print now; null: only git knows. Never throws. */
export function keptAnswer(listing: string, root: string, index: string): string | null {
  try {
    const kept = JSON.parse(readFileSync(answerFile(listing), 'utf8')) as KeptAnswer;
    if (kept.schema !== 1 || kept.index !== index) return null;
    const isSame = ([path, was]: Stamp): boolean => stampOf(peekExactly(fsPath(resolve(root, path)))) === was;
    return kept.stamps.length > 0 && kept.stamps.every(isSame) ? kept.printed : null;
  } catch {
    return null; // none, or a damaged one: it is a cache
  }
}

/**
 * Keeps what git printed when asked at `beganMs`, if the tree is small and has been at rest for longer than the granularity of
 * any file system's clock: then what is stamped now is what git saw. Never throws.
 */
export function keepAnswer(
  listing: string,
  question: { repository: Repository; index: string; files: readonly string[]; beganMs: number },
  printed: string,
): void {
  const draft = `${listing}.${process.pid}.0`; // is swept as a draft of the listing
  try {
    const stamps = stampTree(question.repository, question.files, question.beganMs);
    if (stamps === null) return;
    const answer: KeptAnswer = { schema: 1, index: question.index, printed, stamps };
    writeFileSync(draft, JSON.stringify(answer), { mode: 0o600 });
    renameSync(draft, answerFile(listing));
  } catch {
    discard(draft);
  }
}
