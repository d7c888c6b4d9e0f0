/** What the loop needs done to the stack; turns each order of the controller into a call, and its result into an event. */
import type { CheckResult, ControllerEvent } from '../core/controller/event.ts';
import type { Effect } from '../core/controller/effect.ts';
import type { Report } from '../core/event.ts';
import type { Result } from '../core/result.ts';
import { guard, unexpected } from './guard.ts';

/** Called one at a time, never two at once. Foreseen failures are values; those that take a signal resolve soon after it. */
export interface StackActions {
  /** Content now against the applied one. */
  check(signal: AbortSignal): Promise<CheckResult>;
  /** `fingerprintSame`: what would be started means the same as what runs. */
  validate(signal: AbortSignal): Promise<Result<{ readonly fingerprintSame: boolean }>>;
  /** Remember the content of the last check as applied, without a restart. */
  adopt(): Promise<void>;
  /** Down, verified. Uninterruptible. If nothing runs, leftovers are still ended. */
  stop(): Promise<Result<void>>;
  /**
   * From the validated configuration; resolves when the supervisor answers. Uninterruptible. On success the content of the
   * last check, which came before the stop, counts as applied.
   */
  spawn(): Promise<Result<void>>;
  awaitReady(signal: AbortSignal): Promise<Result<void>>;
  /** The quiet period is about to end and a check will be due: it may be prepared now. */
  anticipate?(): void;
  /** Something changed: what was prepared is out of date. */
  disturbed?(): void;
}

export type Order = Extract<Effect['do'], 'check' | 'validate' | 'adopt' | 'stop' | 'spawn' | 'await-ready'>;

/** Stop and spawn always run to their end; adopt is over at once. */
export const isInterruptible = (order: Order): boolean =>
  order === 'check' || order === 'validate' || order === 'await-ready';

/** The answer to an order; null for one that is not answered. Never rejects. */
export async function carryOut(
  order: Order,
  { actions, report, signal }: { actions: StackActions; report: Report; signal: AbortSignal },
): Promise<ControllerEvent | null> {
  switch (order) {
    case 'check':
      return { type: 'checked', result: await check(actions, report, signal) };
    case 'validate': {
      const result = await guard(() => actions.validate(signal));
      return result.ok
        ? { type: 'validated', ok: true, fingerprintSame: result.value.fingerprintSame }
        : { type: 'validated', ...result };
    }
    case 'stop':
      return { type: 'stopped', ...bare(await guard(() => actions.stop())) };
    case 'spawn':
      return { type: 'spawned', ...bare(await guard(() => actions.spawn())) };
    case 'await-ready':
      return { type: 'ready', ...bare(await guard(() => actions.awaitReady(signal))) };
    case 'adopt':
      await actions.adopt().catch((error: unknown) => report(bug('adopt', error)));
      return null;
  }
}

/** A look that throws leaves the content unknown, never "same". */
async function check(actions: StackActions, report: Report, signal: AbortSignal): Promise<CheckResult> {
  try {
    return await actions.check(signal);
  } catch (error) {
    if (!signal.aborted) report(bug('check', error));
    return 'unknown';
  }
}

const bare = (result: Result<void>) => (result.ok ? ({ ok: true } as const) : result);

const bug = (what: string, error: unknown) => {
  const failure = unexpected(error);
  return {
    event: 'degraded',
    because: `${what}: ${'message' in failure ? failure.message : failure.reason}`,
  } as const;
};
