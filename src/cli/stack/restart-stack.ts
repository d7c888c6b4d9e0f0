/** `restart` in steps, which the watcher shares: prepare and validate, down (verified), up again from what was validated. */
import { join } from 'node:path';
import type { Content } from '../../core/content.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { takeRoom } from '../../io/spare-room.ts';
import { atStep } from '../../io/step.ts';
import { readExe } from '../../processes/evidence.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Found, Instance, Prepared } from '../../supervisor/port.ts';
import { unchanged } from '../../supervisor/input-digests.ts';
import { prepareEndpoint } from '../../supervisor/launch-stack.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import { spawnStack } from './bring-up.ts';
import { askUntil } from './interrupted.ts';
import { goBack } from './last-good.ts';
import type { Model } from './model.ts';
import type { Stack } from './open-stack.ts';
import { prepareModel } from './prepare-model.ts';
import type { Caller } from './start-stack.ts';
import { progress } from './start-stack.ts';
import { startToRepeat } from './start-record.ts';
import type { StartRecord } from './state-records.ts';
import { writeStart } from './state-records.ts';
import type { TakeDown, TakenDown } from './take-down.ts';
import { foreign, takeDown } from './take-down.ts';

/** Everything known before the first service is stopped. */
export interface RestartPlan {
  readonly found: Found;
  readonly prepared: Prepared;
  readonly model: Model;
  readonly start: StartRecord;
  /** Where it comes back: where it was, since others may look for it there. null: upkeep's own place. */
  readonly endpoint: Endpoint | null;
  readonly content: Content | null;
}

/** Touches nothing that runs. Fails with `instance-foreign`, or with what the preparation found. */
export async function planRestart(
  stack: Stack,
  caller: Caller & { freshEnv: boolean; reuse?: boolean },
  content?: Content,
): Promise<Result<RestartPlan>> {
  const found = await stack.supervisor.find(askUntil(caller.signal));
  if (caller.signal?.aborted) return fail({ reason: 'interrupted', left: 'untouched' });
  if (found.is === 'foreign') return fail(foreign(found));
  const instance = found.is === 'none' ? null : found.instance;
  const start = startToRepeat(stack, instance, { cwd: caller.cwd, env: caller.env, fresh: caller.freshEnv });
  const planned = await prepareModel(stack, {
    env: start.env,
    runningBinary: instance ? readExe(instance.server.pid) : null,
    like: start.argv,
    reuse: caller.reuse ?? false,
    ...progress(caller),
  });
  if (!planned.ok) return planned;
  // Before the stop: a later look would take a change made during the stop for applied.
  const read = content ? ok(content) : await readContent(planned.value.model.scope, caller.signal);
  await atStep('planned');
  return ok({
    found,
    ...planned.value,
    start,
    endpoint: instance?.endpoint ?? null,
    content: read.ok ? read.value : null,
  });
}

/** Fails before anything is stopped where the start that follows could have no socket, or no room for its records. */
export async function stopForRestart(
  stack: Stack,
  plan: RestartPlan,
  options: Omit<TakeDown, 'model'> = {},
): Promise<Result<TakenDown>> {
  const unfit = prepareEndpoint(stack.supervisor.endpointOf(plan.prepared, plan.endpoint));
  if (unfit) return unfit;
  const room = takeRoom(join(stack.project.stateDir, 'instances'));
  if (!room.ok) return room;
  using _given = room.value;
  return await takeDown(stack, plan.found, { ...options, model: plan.model });
}

export interface Restarted {
  /** As it is on disk now: upkeep.yaml may have been saved during the stop. */
  readonly stack: Stack;
  readonly instance: Instance;
  readonly model: Model;
  /** What was saved during the stop does not evaluate; the last good configuration runs. */
  readonly savedMeanwhile: Failure | null;
  /** What it runs on, read before the stop; null: unknown. */
  readonly content: Content | null;
  /** What was validated does not start, and says why; the configuration before it runs. */
  readonly wentBack: Failure | null;
}

/** After a verified stop. If a save during the stop broke the files, the copies that were validated are started. */
export async function startAgain(
  stack: Stack,
  plan: RestartPlan,
  caller: Caller,
): Promise<Result<Restarted>> {
  const recorded = writeStart(stack.project, plan.start);
  if (!recorded.ok) return recorded;
  await atStep('start-recorded');
  const current = await whatToStart(stack, plan, caller);
  const spawned = await spawnStack(current.stack, {
    prepared: current.prepared,
    model: current.model,
    start: plan.start,
    files: current.files,
    endpoint: plan.endpoint,
    content: current.content,
    ...progress(caller),
    ...(caller.hasten ? { hasten: caller.hasten } : {}),
  });
  if (spawned.ok) return ok({ ...current, instance: spawned.value, wentBack: null });
  const { found, start, endpoint } = plan;
  const back = await goBack(current.stack, {
    prepared: current.prepared,
    failure: spawned.failure,
    instance: instanceOf(found),
    start,
    endpoint,
    content: current.content,
    onProgress: caller.onProgress,
  });
  return back ? ok({ ...current, ...back, wentBack: back.failure }) : spawned;
}

interface Current extends Pick<Restarted, 'stack' | 'model' | 'savedMeanwhile' | 'content'> {
  readonly prepared: Prepared;
  readonly files: readonly string[];
}

async function whatToStart(stack: Stack, plan: RestartPlan, caller: Caller): Promise<Current> {
  const { prepared, model, content } = plan;
  const planned = { stack, prepared, model, content };
  if (unchanged(prepared.digests)) return { ...planned, files: prepared.files, savedMeanwhile: null };
  const saved = await prepareSaved(stack, plan, caller);
  if (saved.ok) return saved.value;
  return { ...planned, files: prepared.copies, savedMeanwhile: asRunningOn(saved.failure) };
}

/** upkeep.yaml is read again too: whoever renames a service saves both files. */
async function prepareSaved(stack: Stack, plan: RestartPlan, caller: Caller): Promise<Result<Current>> {
  const reopened = await stack.reopen();
  if (!reopened.ok) return reopened;
  const now = reopened.value;
  const planned = await prepareModel(now, {
    env: plan.start.env,
    runningBinary: plan.prepared.binary,
    like: plan.start.argv,
    ...progress(caller),
  });
  if (!planned.ok) return planned;
  const { prepared, model } = planned.value;
  const read = await readContent(model.scope, caller.signal);
  return ok({
    stack: now,
    prepared,
    model,
    files: prepared.files,
    content: read.ok ? read.value : null,
    savedMeanwhile: null,
  });
}

/** The same failure, once the stack runs on the previous configuration. */
function asRunningOn(failure: Failure): Failure {
  if (failure.reason !== 'stack-config-bad' && failure.reason !== 'settings-invalid') return failure;
  return { reason: 'stack-config-bad', problems: failure.problems, untouched: false };
}
