/** One verb that changes something: operation lock, intent, act, outcome. */
import type { Result } from '../../core/result.ts';
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

/** The lock is released when `act` resolves, also when this process is killed. */
export async function underLock<T>(stack: Stack, ask: UnderLock, act: () => Promise<Result<T>>): Promise<Result<T>> {
  const lock = await acquireOperationLock({ stateDir: stack.project.stateDir, ...ask });
  if (!lock.ok) return lock;
  using _held = lock.value;
  const intent = { schema: 1, at: new Date().toISOString(), verb: ask.verb, desired: ask.desired, bootId: bootId() } as const;
  const begun = writeIntent(stack.project, { ...intent, outcome: 'begun' });
  if (!begun.ok) return begun;
  const result = await act();
  writeIntent(stack.project, { ...intent, outcome: result.ok ? 'done' : 'failed' });
  return result;
}
