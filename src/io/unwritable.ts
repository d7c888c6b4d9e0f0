/** Names what a system error says: its code, and the failure of a write that upkeep cannot do without. */
import type { Result } from '../core/result.ts';
import { fail } from '../core/result.ts';

/** `ENOENT`, `EACCES` …; the whole error as text where it has no code. */
export const errorCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** `state-unwritable`: `path` could not be made or written. */
export const unwritable = (path: string, error: unknown): Result<never> =>
  fail({ reason: 'state-unwritable', path, code: errorCode(error) });
