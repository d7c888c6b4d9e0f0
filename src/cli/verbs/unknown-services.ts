/** Refuses names of services that do not exist, and names those that do. */
import type { Result } from '../../core/result.ts';
import { fail } from '../../core/result.ts';

/** `unknown-service`; null: every name is known. */
export function unknownServices(names: readonly string[], known: readonly string[]): Result<never> | null {
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.length > 0 ? fail({ reason: 'unknown-service', names: unknown, known }) : null;
}
