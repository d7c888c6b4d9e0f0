/**
 * The door to hashing. Loading node:crypto takes 4 ms, a tenth of `upkeep status`: it is loaded by the first text that no
 * earlier run has hashed. Digests are stored with the whole text, so they are used only for equal text.
 */
import type { createHash as CreateHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { discard } from './discard.ts';

/** node:crypto's own, loaded at the first call. */
export const createHash: typeof CreateHash = (...args) =>
  process.getBuiltinModule('node:crypto').createHash(...args);

/** What a few configurations and small trees need. */
const limit = { texts: 64, length: 64 * 1024, inAll: 256 * 1024 } as const;

/** Bytes as latin1 text, which is one to one, → sha256. */
type Digests = Map<string, string>;

let file: string | null = null;
const known: Digests = new Map();
const used: Digests = new Map();
let isComplete = true;

/** sha256, hex. For what is no secret: with `recallDigests` and `keepDigests` it is written down. */
export function sha256(content: Buffer | string): string {
  if (content.length > limit.length) return hashed(content);
  const text = latin1(content);
  const digest = used.get(text) ?? known.get(text);
  if (digest !== undefined) {
    used.set(text, digest);
    return digest;
  }
  const made = hashed(content);
  if (file !== null && used.size < limit.texts) {
    used.set(text, made);
    isComplete = false;
  }
  return made;
}

/** The same for what may be a secret: looked up, but never written down. */
export const sha256OfSecret = (content: Buffer | string): string =>
  (content.length <= limit.length ? known.get(latin1(content)) : undefined) ?? hashed(content);

const hashed = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

const latin1 = (content: Buffer | string): string =>
  (typeof content === 'string' ? Buffer.from(content) : content).toString('latin1');

/** Reads what `keepDigests` wrote there in an earlier run. Never throws: losing it only costs time. */
export function recallDigests(path: string): void {
  if (file === path) return;
  file = path;
  known.clear();
  try {
    const kept = JSON.parse(readFileSync(path, 'latin1')) as { schema: number; digests: [string, string][] };
    if (kept.schema !== 1) return;
    for (const [digest, text] of kept.digests) if (/^[0-9a-f]{64}$/.test(digest)) known.set(text, digest);
  } catch {
    known.clear();
  }
}

/** Writes down new digests, atomically, and only if the directory exists. Never throws. */
export function keepDigests(): void {
  if (file === null || isComplete || !existsSync(dirname(file))) return;
  isComplete = true;
  const digests: [string, string][] = [];
  let length = 0;
  // What was used now comes first: of the rest as much is kept as there is room.
  for (const [text, digest] of new Map([...used, ...known])) {
    length += text.length;
    if (digests.length < limit.texts && length <= limit.inAll) digests.push([digest, text]);
  }
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify({ schema: 1, digests }), { encoding: 'latin1', mode: 0o600 });
    renameSync(draft, file);
  } catch {
    discard(draft);
  }
}
