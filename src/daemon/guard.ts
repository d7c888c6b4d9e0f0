/** The one boundary that catches bugs: an action that throws is a failure with a name. */
import type { Failure } from '../core/failure.ts';
import { fail, type Result } from '../core/result.ts';

export async function guard<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return fail(unexpected(error));
  }
}

export function unexpected(error: unknown): Failure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { reason: 'unexpected', message, stack: stack ?? '' };
}
