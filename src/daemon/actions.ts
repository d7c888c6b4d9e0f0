/** What the loop needs done, and how each order of the controller becomes a call and its answer an event. */
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
  /** Down, verified. Uninterruptible. Nothing running is ok: what was left over is cleared all the same. */
  stop(): Promise<Result<void>>;
  /**
   * From the validated configuration; resolves when the supervisor answers. Uninterruptible. From its success on the
   * content of the last check counts as applied: that check came before the stop.
   */
  spawn(): Promise<Result<void>>;
  awaitReady(signal: AbortSignal): Promise<Result<void>>;
  /** The quiet period ends in a moment, and a check is due then: what it will look at may be looked at now. */
  anticipate?(): void;
  /** What was anticipated may be another now. */
  disturbed?(): void;
}

export type Order = Extract<Effect['do'], 'check' | 'validate' | 'adopt' | 'stop' | 'spawn' | 'await-ready'>;

/** Stop and spawn are brought to their end whatever happens; adopt is over at once. */
export const isInterruptible = (order: Order): boolean =>
  order === 'check' || order === 'validate' || order === 'await-ready';

/** The answer to an order; null for one that is not answered. Never rejects. */
export async function carryOut(
  order: Order,
  { actions, report, signal }: { actions: StackActions; report: Report; signal: AbortSignal },
): Promise<ControllerEvent | null> {
  switch (order) {
    case 'check':
      return { type: 'checked', result: await looked(actions, report, signal) };
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

/** A look that breaks is an unknown content, never "same". */
async function looked(actions: StackActions, report: Report, signal: AbortSignal): Promise<CheckResult> {
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
