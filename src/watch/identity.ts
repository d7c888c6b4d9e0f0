/** Decides whether a directory is still the same one: ext4 reuses a freed inode at once, so its number alone proves nothing. */
import type { BigIntStats } from 'node:fs';

/** Device, inode and birth time. */
export const identityOf = (info: BigIntStats): string => `${info.dev}:${info.ino}:${info.birthtimeNs}`;

/** File systems without birth times report 0; there only the kind of the event shows a new directory. */
export const hasBirthTime = (info: BigIntStats): boolean => info.birthtimeNs > 0n;

/**
 * When it changed, in ms: the later of mtime and ctime. Any mtime can be set (`cp -p`, `tar x`), and a file from 2001 that was
 * unpacked just now has not been quiet since 2001.
 */
export const changedMs = (info: BigIntStats): number =>
  Number((info.mtimeNs > info.ctimeNs ? info.mtimeNs : info.ctimeNs) / 1_000_000n);
