/** The frame of every verb that changes something: operation lock, intent, act, outcome. */
import type { Failure } from '../../core/failure.ts';
import { isDiskFull } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { acquireOperationLock } from '../../daemon/operation-lock.ts';
import { atStep } from '../../io/step.ts';
import { bootId } from '../../processes/boot.ts';
import { leftDown } from './interrupted.ts';
import type { Stack } from './open-stack.ts';
import type { IntentRecord } from './state-records.ts';
import { readIntent, writeIntent } from './state-records.ts';

export interface UnderLock {
  readonly verb: string;
  readonly desired: 'up' | 'down';
  readonly waitMs: number;
  readonly onWait: (holder: string) => void;
  readonly signal?: AbortSignal;
  /** Asked once we hold the lock, before the intent is written: the previous holder may have made this unnecessary. */
  readonly stillDue?: () => Promise<boolean>;
  /** A stop needs no room: on a full disk it acts without its records, and this is told. Absent: nothing is done without them. */
  readonly onUnrecorded?: (failure: Failure) => void;
}

/** The lock, with the intent recorded; for callers whose work is not one function. */
export interface HeldLock {
  /** A verb of this boot that was cut off: whoever changes something now finishes it. */
  readonly unfinished: IntentRecord | null;
  /** Writes the outcome; without it the intent stays `begun`, which says that it was cut off. */
  done(result: Result<unknown>): void;
  release(): void;
}

/** The lock is freed when this process ends, however it ends. Fails as the lock does, or with `superseded`: no longer due. */
export async function holdLock(stack: Stack, ask: UnderLock): Promise<Result<HeldLock>> {
  const acquired = await acquireOperationLock({ stateDir: stack.project.stateDir, ...ask });
  // Where there is no room for a lock file nobody can hold it.
  const lock = acquired.ok || !ask.onUnrecorded || !isDiskFull(acquired.failure) ? acquired : ok(noLock);
  if (!lock.ok) return lock;
  await atStep('locked');
  if (ask.stillDue && !(await ask.stillDue())) {
    lock.value[Symbol.dispose]();
    return fail({ reason: 'superseded' });
  }
  const unfinished = unfinishedIntent(stack);
  const intent = {
    schema: 1,
    at: new Date().toISOString(),
    verb: ask.verb,
    desired: ask.desired,
    bootId: bootId(),
  } as const;
  const begun = writeIntent(stack.project, { ...intent, outcome: 'begun' });
  if (!begun.ok) {
    if (!ask.onUnrecorded || !isDiskFull(begun.failure)) {
      lock.value[Symbol.dispose]();
      return begun;
    }
    ask.onUnrecorded(begun.failure);
  }
  await atStep('intent-written');
  return ok({
    unfinished,
    done(result) {
      // Who gave a start up wants none.
      const desired = !result.ok && leftDown(result.failure) ? 'down' : ask.desired;
      void writeIntent(stack.project, { ...intent, desired, outcome: result.ok ? 'done' : 'failed' });
    },
    release: () => lock.value[Symbol.dispose](),
  });
}

const noLock: Disposable = { [Symbol.dispose]: () => undefined };

/** Only valid while we hold the lock: then whoever wrote the intent is dead. */
function unfinishedIntent(stack: Stack): IntentRecord | null {
  const last = readIntent(stack.project);
  if (!last.ok || last.value?.outcome !== 'begun') return null;
  return last.value.bootId === bootId() ? last.value : null;
}

/** Acts under the lock; it is released when `act` resolves. */
export async function underLock<T>(
  stack: Stack,
  ask: UnderLock,
  act: (lock: HeldLock) => Promise<Result<T>>,
): Promise<Result<T>> {
  const lock = await holdLock(stack, ask);
  if (!lock.ok) return lock;
  try {
    const result = await act(lock.value);
    lock.value.done(result);
    await atStep('outcome-written');
    return result;
  } finally {
    lock.value.release();
  }
}
