/** `start` step by step: from nothing, from what a crash left, or nothing to do because the stack already runs. */
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { atStep } from '../../io/step.ts';
import type { Instance } from '../../supervisor/port.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import { spawnStack } from './bring-up.ts';
import { askUntil } from './interrupted.ts';
import type { Model } from './model.ts';
import { readModel } from './model.ts';
import type { Stack } from './open-stack.ts';
import { isHollow } from './observe.ts';
import { remember } from './remember.ts';
import { prepareModel } from './prepare-model.ts';
import { freshStart } from './start-record.ts';
import type { IntentRecord } from './state-records.ts';
import { writeStart } from './state-records.ts';
import { foreign, takeDown } from './take-down.ts';
import { isHalfDone } from './unfinished.ts';

export interface Started {
  readonly instance: Instance;
  /** A failure only for a stack that ran before: what has been saved since does not evaluate. */
  readonly model: Result<Model>;
  /** It ran before; nothing was started. */
  readonly already: boolean;
}

export interface Caller {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
  /** A second Ctrl-C. */
  readonly hasten?: AbortSignal;
}

/**
 * Resolves when the server answers, not when the services are ready. Idempotent: a whole stack that runs is left alone.
 * The caller holds the operation lock; `unfinished` is the verb that was cut off before.
 */
export async function startStack(
  stack: Stack,
  caller: Caller,
  unfinished: IntentRecord | null = null,
): Promise<Result<Started>> {
  const found = await stack.supervisor.find(askUntil(caller.signal));
  if (caller.signal?.aborted) return fail({ reason: 'interrupted', left: 'untouched' });
  if (found.is === 'foreign') return fail(foreign(found));
  // A server of ours that was cut off while it started or stopped: it is replaced, not believed.
  const cutOff = unfinished !== null && found.is === 'unreachable' && found.instance.owner === 'upkeep';
  if (found.is === 'unreachable' && !cutOff) return fail(found.failure);
  const whole = found.is === 'running' && !isHalfDone(unfinished, found.instance);
  if (whole && !(await isHollow(stack, found.instance))) {
    remember(stack, found.instance, stack.members(found.instance.server));
    return ok({ instance: found.instance, model: await readModel(stack, found.instance), already: true });
  }
  const start = freshStart(caller.cwd, caller.env, null);
  const planned = await prepareModel(stack, {
    env: start.env,
    runningBinary: null,
    like: null,
    ...progress(caller),
  });
  if (!planned.ok) return planned;
  const { prepared, model } = planned.value;
  await atStep('planned');
  // A hollow server, or what outlived a crash, goes first: never two stacks beside each other.
  const down = await takeDown(stack, found);
  if (!down.ok) return down;
  const recorded = writeStart(stack.project, start);
  if (!recorded.ok) return recorded;
  await atStep('start-recorded');
  const content = await readContent(model.scope, caller.signal);
  const spawned = await spawnStack(stack, {
    prepared,
    model,
    start,
    files: prepared.files,
    endpoint: null,
    content: content.ok ? content.value : null,
    ...progress(caller),
    ...(caller.hasten ? { hasten: caller.hasten } : {}),
  });
  return spawned.ok ? ok({ instance: spawned.value, model: ok(model), already: false }) : spawned;
}

export const progress = (caller: Caller): { onProgress: (line: string) => void; signal?: AbortSignal } => ({
  onProgress: caller.onProgress,
  ...(caller.signal ? { signal: caller.signal } : {}),
});
