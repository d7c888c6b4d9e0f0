/** Prepares what would be started, and its model, so that both come from the same moment. */
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { checkDescriptorLimit } from '../../io/descriptor-limit.ts';
import { settingsFileName } from '../../config/read-settings.ts';
import { digestInput } from '../../supervisor/input-digests.ts';
import type { Prepared, PrepareRequest } from '../../supervisor/port.ts';
import { leaving } from './interrupted.ts';
import type { Model } from './model.ts';
import { modelOf } from './model.ts';
import type { Stack } from './open-stack.ts';

/**
 * An evaluation takes seconds, and whoever renames a service also saves upkeep.yaml: if it was saved meanwhile, it is read
 * again. If it is broken by then, that is for the next command to report.
 */
export async function prepareModel(
  stack: Stack,
  request: PrepareRequest,
): Promise<Result<{ prepared: Prepared; model: Model }>> {
  const limit = checkDescriptorLimit();
  if (!limit.ok) return limit;
  const file = join(stack.project.root, settingsFileName);
  const before = digestInput(file);
  const prepared = await stack.supervisor.prepare(request);
  if (!prepared.ok) return leaving(prepared, 'untouched');
  const reopened = digestInput(file) === before ? null : await stack.reopen();
  const model = await modelOf(reopened?.ok ? reopened.value : stack, prepared.value.definition);
  return model.ok ? ok({ prepared: prepared.value, model: model.value }) : model;
}
