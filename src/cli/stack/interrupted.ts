/** What a verb that was interrupted left: the failure tells it, for the one who interrupted wants to know. */
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail } from '../../core/result.ts';
import type { AskIfAlive } from '../../supervisor/port.ts';

/** For `find`: a server that does not answer is asked no longer than until `signal`, and is then `unreachable`. */
export const askUntil =
  (signal: AbortSignal | undefined): AskIfAlive =>
  (_, control) =>
    control.live(signal);

type Left = NonNullable<Extract<Failure, { reason: 'interrupted' }>['left']>;

/** The same result; one that was interrupted, and does not tell yet what it left, tells this. */
export function leaving<T>(result: Result<T>, left: Left): Result<T> {
  const isSilent = !result.ok && result.failure.reason === 'interrupted' && result.failure.left === undefined;
  return isSilent ? fail({ reason: 'interrupted', left }) : result;
}

/** It had stopped the old stack, or begun a new one: that is over as well. */
export const leftDown = (failure: Failure): boolean =>
  failure.reason === 'interrupted' && failure.left === 'down';
