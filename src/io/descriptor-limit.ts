/** The door to how many files a process may have open here: what is launched has its canary at a high descriptor. */
import { readFileSync } from 'node:fs';
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';

/** Descriptor 63, and what the spawn of a child that has it takes besides: the child's descriptors are laid above it first. */
const needed = 128;

/** `descriptor-limit` where too few are allowed (Node has raised the soft limit to the hard one); ok where nobody tells. */
export function checkDescriptorLimit(): Result<void> {
  const limit = allowed();
  return limit !== null && limit < needed ? fail(tooFew(limit)) : ok(undefined);
}

/** For an error that somebody met: null, unless it is that there are too few. */
export const descriptorFailure = (error: unknown): Failure | null =>
  (error as NodeJS.ErrnoException).code === 'EMFILE' ? tooFew(allowed() ?? 0) : null;

const tooFew = (limit: number): Failure => ({ reason: 'descriptor-limit', limit, needed });

function allowed(): number | null {
  const told = /^Max open files\s+(\d+)/m.exec(limits())?.[1];
  return told === undefined ? null : Number(told);
}

function limits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // no /proc: macOS
  }
}
