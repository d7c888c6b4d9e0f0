/** One verb that changes something: operation lock, intent, act, outcome. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { acquireOperationLock } from '../../daemon/operation-lock.ts';
import { bootId } from '../../processes/boot.ts';
import type { Stack } from './open-stack.ts';
import { writeIntent } from './state-records.ts';

export interface UnderLock {
  readonly verb: string;
  readonly desired: 'up' | 'down';
  readonly waitMs: number;
  readonly onWait: (holder: string) => void;
  readonly signal?: AbortSignal;
}

/** The lock, with the intent written down; for a verb whose acts are not one function. */
export interface HeldLock {
  /** Writes the outcome; without it the intent stays `begun`, which says that it was cut off. */
  done(successful: boolean): void;
  release(): void;
}

/** The lock is free again when this process ends, however it ends. */
export async function holdLock(stack: Stack, ask: UnderLock): Promise<Result<HeldLock>> {
  const lock = await acquireOperationLock({ stateDir: stack.project.stateDir, ...ask });
  if (!lock.ok) return lock;
  const intent = {
    schema: 1,
    at: new Date().toISOString(),
    verb: ask.verb,
    desired: ask.desired,
    bootId: bootId(),
  } as const;
  const begun = writeIntent(stack.project, { ...intent, outcome: 'begun' });
  if (!begun.ok) {
    lock.value[Symbol.dispose]();
    return begun;
  }
  return ok({
    done: (successful) =>
      void writeIntent(stack.project, { ...intent, outcome: successful ? 'done' : 'failed' }),
    release: () => lock.value[Symbol.dispose](),
  });
}

/** Acts under the lock; it is released when `act` resolves. */
export async function underLock<T>(
  stack: Stack,
  ask: UnderLock,
  act: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const lock = await holdLock(stack, ask);
  if (!lock.ok) return lock;
  try {
    const result = await act();
    lock.value.done(result.ok);
    return result;
  } finally {
    lock.value.release();
  }
}
