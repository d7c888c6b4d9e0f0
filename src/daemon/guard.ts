/** Turns an exception, which is a bug unless too few files may be open, into a failure with a name; used where a verb or an action of the watcher runs. */
import type { Failure } from '../core/failure.ts';
import { fail, type Result } from '../core/result.ts';
import { descriptorFailure } from '../io/descriptor-limit.ts';

/** Never rejects. */
export async function guard<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return fail(unexpected(error));
  }
}

export function unexpected(error: unknown): Failure {
  const tooFew = descriptorFailure(error);
  if (tooFew) return tooFew;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { reason: 'unexpected', message, stack: stack ?? '' };
}
