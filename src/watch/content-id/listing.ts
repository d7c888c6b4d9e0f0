/** Keeps the listing that belongs to one state of the private index, so that a look without changes costs one call of git. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../io/hash.ts';
import { textOfLatin1 } from '../path-text.ts';
import type { Repository } from './scope.ts';
import { discard } from '../../io/discard.ts';

export interface Listing {
  /** The identity of the index it was read from (indexIdentity). */
  readonly index: string;
  /** The key of the ignore rules (rulesKey). */
  readonly rules: string;
  /** The key of the user's index when `tracked` was read (trackedKey). */
  readonly trackedAt: string;
  /** What the user's git tracks although it ignores it; latin1. */
  readonly tracked: readonly string[];
  /** Latin1 paths that changed in the same second in which they were hashed: the next look reads them again. */
  readonly young: readonly string[];
  /** `ls-files -s -z` as git printed it, latin1. */
  readonly raw: string;
}

interface Header extends Omit<Listing, 'raw'> {
  readonly schema: 1;
}

/** One index serves several sets of pathspecs, each with its own list. */
export function listingFile(repository: Repository): string {
  const question = JSON.stringify([repository.root, repository.sources, repository.patterns]);
  return join(repository.indexDir, `listing-${sha256(question).slice(0, 16)}`);
}

/** null: none, or not one of ours. It is a cache: losing it costs time only. */
export function readListing(file: string): Listing | null {
  try {
    const text = readFileSync(file, 'latin1');
    const end = text.indexOf('\n');
    const header = JSON.parse(text.slice(0, end)) as Header;
    if (header.schema !== 1) return null;
    return { ...header, raw: text.slice(end + 1) };
  } catch {
    return null;
  }
}

let writes = 0;

/** Atomic; a full or read-only disk is not an error here. */
export function writeListing(file: string, listing: Listing): void {
  const { raw, ...rest } = listing;
  const header: Header = { schema: 1, ...rest };
  const draft = `${file}.${process.pid}.${(writes += 1)}`;
  try {
    // JSON escapes nothing above U+007F, but these texts are latin1: one byte a character, as the reader takes them.
    writeFileSync(draft, `${JSON.stringify(header)}\n${raw}`, { encoding: 'latin1', mode: 0o600 });
    renameSync(draft, file);
  } catch {
    discard(draft);
  }
}

/** path → hash, `link:HASH` for a symbolic link. Each line is `100644 HASH 0<TAB>PATH`. */
export function parseListing(raw: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (let at = 0; at < raw.length;) {
    const end = raw.indexOf('\0', at);
    const tab = raw.indexOf('\t', at);
    if (end < 0 || tab < 0) break;
    const hash = raw.slice(at + 7, raw.indexOf(' ', at + 7));
    const value = raw.startsWith('120000', at) ? `link:${hash}` : hash;
    entries.set(textOfLatin1(raw.slice(tab + 1, end)), value);
    at = end + 1;
  }
  return entries;
}
