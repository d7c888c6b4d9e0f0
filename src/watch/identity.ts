/** What makes a directory the same one: ext4 hands out a freed inode at once, so `rm -rf a && mkdir a` keeps the number. */
import type { BigIntStats } from 'node:fs';

/** Device, inode and birth time. */
export const identityOf = (info: BigIntStats): string => `${info.dev}:${info.ino}:${info.birthtimeNs}`;

/** File systems without birth times report 0; there only the kind of the event tells a new directory. */
export const hasBirthTime = (info: BigIntStats): boolean => info.birthtimeNs > 0n;

/**
 * When it changed, in ms: the change time too, because any mtime can be written (`cp -p`, `tar x`) and a file of 2001 that
 * was unpacked just now has not been quiet since 2001.
 */
export const changedMs = (info: BigIntStats): number =>
  Number((info.mtimeNs > info.ctimeNs ? info.mtimeNs : info.ctimeNs) / 1_000_000n);
