/** The door to what lies at a path; null if it cannot be seen (`throwIfNoEntry` still throws ENOTDIR and EACCES). */
import type { BigIntStats, Stats } from 'node:fs';
import { lstatSync, statSync } from 'node:fs';

/** The link itself, not what it points to. */
export const peek = (path: string | Buffer): Stats | null => quietly(() => lstatSync(path));

/** With nanoseconds, for identities and stamps. */
export const peekExactly = (path: string | Buffer): BigIntStats | null =>
  quietly(() => lstatSync(path, { bigint: true }));

/** What a link points to. */
export const peekThrough = (path: string | Buffer): Stats | null => quietly(() => statSync(path));

function quietly<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
