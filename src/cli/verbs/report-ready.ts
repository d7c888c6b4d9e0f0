/** The last part of `start` and `restart`: wait until the stack is ready and show it, or fail with what is not ready and why. */
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Instance } from '../../supervisor/port.ts';
import { seconds } from '../../ui/duration.ts';
import { statusView } from '../../ui/status-view.ts';
import type { Call } from '../call.ts';
import { waitUntilReady } from '../stack/bring-up.ts';
import type { Model } from '../stack/model.ts';
import { readModel } from '../stack/model.ts';
import { observe } from '../stack/observe.ts';
import type { Stack } from '../stack/open-stack.ts';
import { successorOf } from '../stack/successor.ts';
import { whenDue } from '../when-due.ts';

export interface Awaited {
  readonly instance: Instance;
  /** A failure: what is on disk does not evaluate, so it is not known what to wait for. */
  readonly model: Result<Model>;
}

/** Resolves when the stack is ready, and proved to be the new one; if another verb restarts it meanwhile, waits for that one. */
export async function becomeReady(call: Call, stack: Stack, awaited: Awaited): Promise<Result<void>> {
  if (!awaited.model.ok) {
    call.printer.warning(awaited.model.failure);
    return ok(undefined);
  }
  const ready = await waitUntilReady(stack, {
    instance: awaited.instance,
    model: awaited.model.value,
    explicitMs: call.timeoutMs,
    signal: call.signal,
    onProgress: whenDue(({ waitedMs, waitingFor }) =>
      call.printer.note(`still starting, ${seconds(waitedMs)}: ${waitingFor.join(', ')}`),
    ),
  });
  if (ready.ok || ready.failure.reason === 'interrupted' || ready.failure.reason === 'timeout') return ready;
  const next = await successorOf(stack, awaited.instance, call.signal);
  if (next === 'same') return ready;
  if (next === 'stopped') return fail({ reason: 'stopped-meanwhile' });
  call.printer.note('the stack was restarted meanwhile; waiting for the new one');
  return becomeReady(call, stack, { instance: next, model: await readModel(stack, next) });
}

/** Prints the status, as the answer of a verb that left a stack running. */
export async function report(call: Call, stack: Stack): Promise<Result<number>> {
  const observed = await observe(stack);
  call.printer.document(observed.report);
  call.printer.answer(statusView(observed.report, call.printer.style, Date.now()));
  return ok(0);
}
