/** `restart`: prepare and validate, down, verified, up again from what was validated. Split in steps, for the watcher. */
import type { Content } from '../../core/content.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { readExe } from '../../processes/evidence.ts';
import type { Found, Instance, Prepared } from '../../supervisor/port.ts';
import { unchanged } from '../../supervisor/process-compose/prepare.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import { spawnStack } from './bring-up.ts';
import type { Model } from './model.ts';
import { modelOf } from './model.ts';
import type { Stack } from './open-stack.ts';
import type { Caller } from './start-stack.ts';
import { progress } from './start-stack.ts';
import { startToRepeat } from './start-record.ts';
import type { StartRecord } from './state-records.ts';
import { writeStart } from './state-records.ts';
import type { TakenDown } from './take-down.ts';
import { foreign, takeDown } from './take-down.ts';

/** Everything known before the first service is stopped. */
export interface RestartPlan {
  readonly found: Found;
  readonly prepared: Prepared;
  readonly model: Model;
  readonly start: StartRecord;
  /** Where it comes back: an external instance on its own endpoint. */
  readonly endpoint: Endpoint | null;
  readonly content: Content | null;
}

/** Touches nothing that runs; on failure everything is as it was. */
export async function planRestart(
  stack: Stack,
  caller: Caller & { freshEnv: boolean },
  content?: Content,
): Promise<Result<RestartPlan>> {
  const found = await stack.supervisor.find();
  if (found.is === 'foreign') return fail(foreign(found));
  const instance = found.is === 'none' ? null : found.instance;
  const start = startToRepeat(stack, instance, { cwd: caller.cwd, env: caller.env, fresh: caller.freshEnv });
  const prepared = await stack.supervisor.prepare({
    env: start.env,
    runningBinary: instance ? readExe(instance.server.pid) : null,
    ...progress(caller),
  });
  if (!prepared.ok) return prepared;
  const model = await modelOf(stack, prepared.value.definition);
  if (!model.ok) return model;
  // Before the stop: a later look could swallow a change (design.md §7).
  const read = content ? ok(content) : await readContent(model.value.scope, caller.signal);
  const endpoint = instance?.owner === 'external' ? instance.endpoint : null;
  return ok({
    found,
    prepared: prepared.value,
    model: model.value,
    start,
    endpoint,
    content: read.ok ? read.value : null,
  });
}

export const stopForRestart = (
  stack: Stack,
  plan: RestartPlan,
  hasten?: AbortSignal,
): Promise<Result<TakenDown>> => takeDown(stack, plan.found, hasten ? { hasten } : {});

export interface Restarted {
  readonly instance: Instance;
  readonly model: Model;
  /** What was saved during the stop does not evaluate; the last good configuration runs. */
  readonly savedMeanwhile: Failure | null;
}

/** After a verified stop. A broken save during the stop never leaves nothing running (design.md §10). */
export async function startAgain(
  stack: Stack,
  plan: RestartPlan,
  caller: Caller,
): Promise<Result<Restarted>> {
  const recorded = writeStart(stack.project, plan.start);
  if (!recorded.ok) return recorded;
  const current = await whatToStart(stack, plan, caller);
  const spawned = await spawnStack(stack, {
    prepared: current.prepared,
    model: current.model,
    start: plan.start,
    files: current.files,
    endpoint: plan.endpoint,
    content: plan.content,
  });
  if (!spawned.ok) return spawned;
  return ok({ instance: spawned.value, model: current.model, savedMeanwhile: current.savedMeanwhile });
}

interface Current {
  readonly prepared: Prepared;
  readonly model: Model;
  readonly files: readonly string[];
  readonly savedMeanwhile: Failure | null;
}

async function whatToStart(stack: Stack, plan: RestartPlan, caller: Caller): Promise<Current> {
  const asValidated = { prepared: plan.prepared, model: plan.model, savedMeanwhile: null };
  if (unchanged(plan.prepared.digests)) return { ...asValidated, files: plan.prepared.files };
  const again = await stack.supervisor.prepare({
    env: plan.start.env,
    runningBinary: plan.prepared.binary,
    ...progress(caller),
  });
  const model = again.ok ? await modelOf(stack, again.value.definition) : again;
  if (again.ok && model.ok) {
    return { prepared: again.value, model: model.value, files: again.value.files, savedMeanwhile: null };
  }
  const failure = again.ok ? (model.ok ? null : model.failure) : again.failure;
  return { ...asValidated, files: plan.prepared.copies, savedMeanwhile: failure };
}
