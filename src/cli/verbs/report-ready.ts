/** The end of start and restart: wait until it is ready, say so, or say which service is not and why. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import type { Instance } from '../../supervisor/port.ts';
import { seconds } from '../../ui/duration.ts';
import { statusView } from '../../ui/status-view.ts';
import type { Call } from '../call.ts';
import { waitUntilReady } from '../stack/bring-up.ts';
import type { Model } from '../stack/model.ts';
import { observe } from '../stack/observe.ts';
import type { Stack } from '../stack/open-stack.ts';

const tellEveryMs = 10_000;

export async function reportReady(
  call: Call,
  stack: Stack,
  ask: { instance: Instance; model: Result<Model>; wait: boolean },
): Promise<Result<number>> {
  let nextTellMs = tellEveryMs / 2;
  if (!ask.model.ok) call.printer.warning(ask.model.failure);
  else if (ask.wait) {
    const ready = await waitUntilReady(stack, {
      instance: ask.instance,
      model: ask.model.value,
      explicitMs: call.timeoutMs,
      signal: call.signal,
      onProgress: ({ waitedMs, waitingFor }) => {
        if (waitedMs < nextTellMs) return;
        nextTellMs = waitedMs + tellEveryMs;
        call.printer.note(`still starting, ${seconds(waitedMs)}: ${waitingFor.join(', ')}`);
      },
    });
    if (!ready.ok) return ready;
  }
  const { report } = await observe(stack);
  call.printer.document(report);
  call.printer.answer(statusView(report, call.printer.style, Date.now()));
  return ok(0);
}
