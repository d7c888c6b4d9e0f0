/** `upkeep reap [PID…] [--dry-run]`: ends what earlier runs left, removes their sockets and records; never a running stack. */
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { isEmptyPlan } from '../../core/process-report.ts';
import { acquireOperationLock } from '../../daemon/operation-lock.ts';
import { reapLines } from '../../ui/process-view.ts';
import type { Call, Verb } from '../call.ts';
import { open, waiting } from '../call.ts';
import type { Stack } from '../stack/open-stack.ts';
import type { Planned, Reaped } from '../stack/reap.ts';
import { carryOut, planReap } from '../stack/reap.ts';
import { noteVerb } from '../watch/verb-note.ts';
import { noteKills } from './note-kills.ts';

export interface ReapOptions {
  readonly dryRun: boolean;
  /** Processes that look like services of this project, without proof: being named by a person is the proof. */
  readonly pids: readonly string[];
}

export const reap: Verb<ReapOptions> = async (call, { dryRun, pids }) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const wrong = pids.find((text) => !/^[1-9]\d*$/.test(text));
  if (wrong !== undefined) return fail({ reason: 'usage', message: `${wrong} is not a pid.` });
  const named = pids.map(Number);
  const planned = await planReap(stack.value, named);
  if (!planned.ok) return planned;
  const { plan } = planned.value;
  // Nothing to do takes no lock and leaves no trace: `reap` may run from a script every minute.
  if (dryRun || isEmptyPlan(plan)) {
    call.printer.document({ schema: 1, dryRun, ...plan, signals: [] });
    call.printer.answer(reapLines(plan).join('\n'));
    return ok(0);
  }
  // No intent is recorded: this does not change what is wanted, and being cut off leaves nothing half done.
  const lock = await acquireOperationLock({
    stateDir: stack.value.project.stateDir,
    verb: 'reap',
    ...waiting(call),
  });
  if (!lock.ok) return lock;
  using _held = lock.value;
  return reapNow(call, stack.value, named);
};

/** Planned again under the lock: a start that was under way is over now. */
async function reapNow(call: Call, stack: Stack, named: readonly number[]): Promise<Result<number>> {
  const again: Result<Planned> = await planReap(stack, named);
  if (!again.ok) return again;
  const planned = again.value;
  call.printer.answer(reapLines(planned.plan).join('\n'));
  const reaped: Result<Reaped> = await carryOut(stack, planned, { hasten: call.hasten });
  noteVerb(stack, 'reap', reaped);
  if (!reaped.ok) return reaped;
  const { signals } = reaped.value;
  call.printer.document({ schema: 1, dryRun: false, ...planned.plan, signals });
  noteKills(call, signals);
  return ok(0);
}
