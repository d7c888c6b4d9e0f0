/** `upkeep status`: what is running, whether it matches what is on disk, and the next command. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusReport } from '../../core/status.ts';
import { ok } from '../../core/result.ts';
import { statusView } from '../../ui/status-view.ts';
import type { Verb } from '../call.ts';
import { open } from '../call.ts';
import { observe } from '../stack/observe.ts';
import { rememberFirstSight } from '../stack/remember.ts';
import { twoServers } from '../stack/two-servers.ts';

export interface StatusOptions {
  readonly follow: boolean;
}

const followEveryMs = 1_000;

export const status: Verb<StatusOptions> = async (call, options) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  for (;;) {
    const { report, found, model } = await observe(stack.value);
    call.printer.document(report);
    if (options.follow && call.terminal && !call.printer.json) call.printer.answer('\u001b[H\u001b[2J');
    call.printer.answer(statusView(report, call.printer.style, Date.now()));
    if (found.is === 'foreign')
      call.printer.note(
        `something else listens where this project's stack would: pid ${found.pid ?? '?'} in ${found.cwd ?? '?'}`,
      );
    const two = found.is === 'running' ? twoServers(stack.value, found.instance) : null;
    if (two) call.printer.warning(two);
    if (!model.ok) call.printer.warning(model.failure);
    // After the answer: nobody waits for it.
    if (found.is === 'running') rememberFirstSight(stack.value, found.instance);
    if (!options.follow || call.signal.aborted) return ok(statusCode(report));
    await sleep(followEveryMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) return ok(0);
  }
};

/** 0 up and healthy, 1 up but not healthy, 3 down. */
export function statusCode(report: StatusReport): number {
  if (report.stack === 'down') return 3;
  return report.healthy ? 0 : 1;
}
