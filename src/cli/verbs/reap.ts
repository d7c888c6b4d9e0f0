/** `upkeep reap [--dry-run]`: ends what an earlier run left, removes its sockets and records; never data, never a running stack. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { isEmptyPlan } from '../../core/process-report.ts';
import { acquireOperationLock } from '../../daemon/operation-lock.ts';
import { reapLines } from '../../ui/process-view.ts';
import type { Call, Verb } from '../call.ts';
import { open, waiting } from '../call.ts';
import type { Stack } from '../stack/open-stack.ts';
import type { Planned, Reaped } from '../stack/reap.ts';
import { carryOut, planReap } from '../stack/reap.ts';
import { noteVerb } from '../watch/verb-note.ts';

export interface ReapOptions {
  readonly dryRun: boolean;
}

export const reap: Verb<ReapOptions> = async (call, { dryRun }) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const first = await planReap(stack.value);
  // Nothing to do takes no lock and leaves no trace: `reap` may run from a script every minute.
  if (dryRun || isEmptyPlan(first.plan)) {
    call.printer.document({ schema: 1, dryRun, ...first.plan, signals: [] });
    call.printer.answer(reapLines(first.plan).join('\n'));
    return ok(0);
  }
  // No intent: nothing of this changes what is wanted, and being cut off leaves nothing half done.
  const lock = await acquireOperationLock({
    stateDir: stack.value.project.stateDir,
    verb: 'reap',
    ...waiting(call),
  });
  if (!lock.ok) return lock;
  using _held = lock.value;
  return reapNow(call, stack.value);
};

/** Planned anew under the lock: a start that was under way has come to its end. */
async function reapNow(call: Call, stack: Stack): Promise<Result<number>> {
  const planned: Planned = await planReap(stack);
  call.printer.answer(reapLines(planned.plan).join('\n'));
  const reaped: Result<Reaped> = await carryOut(stack, planned, { hasten: call.hasten });
  noteVerb(stack, 'reap', reaped);
  if (!reaped.ok) return reaped;
  const { signals } = reaped.value;
  call.printer.document({ schema: 1, dryRun: false, ...planned.plan, signals });
  const killed = signals.filter(({ signal, outcome }) => signal === 'SIGKILL' && outcome === 'sent');
  // KILL comes in rounds: each process is named once.
  for (const [pid, name] of new Map(killed.map((sent) => [sent.pid, sent.command])))
    call.printer.note(`pid ${pid} (${name}) did not end by itself and was killed`);
  return ok(0);
}
