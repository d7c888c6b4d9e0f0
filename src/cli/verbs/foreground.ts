/** `upkeep start` in the foreground: the TUI on this terminal; leaving it stops the stack. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { seconds } from '../../ui/duration.ts';
import type { Call } from '../call.ts';
import { waiting } from '../call.ts';
import type { Stack } from '../stack/open-stack.ts';
import type { Started } from '../stack/start-stack.ts';
import { takeDown } from '../stack/take-down.ts';
import { followTui } from '../stack/tui.ts';
import { underLock } from '../stack/under-lock.ts';
import { noteVerb } from '../watch/verb-note.ts';

/** Resolves with the exit code when the TUI was left. A stack that already ran is only shown, and not stopped. */
export async function runForeground(call: Call, stack: Stack, started: Started): Promise<Result<number>> {
  const left = await followTui(call, stack, started.instance);
  if (!left.ok) return left;
  if (left.value === 'down') {
    call.printer.note('the stack was stopped');
    return ok(0);
  }
  if (started.already) {
    call.printer.note('the stack keeps running; `upkeep stop` stops it');
    return ok(0);
  }
  call.printer.note('stopping …');
  // The signal that ended the TUI must not interrupt the stop; a second one hurries it.
  const how = { ...waiting(call), signal: call.hasten, onUnrecorded: call.printer.warning };
  const lock = { verb: 'stop', desired: 'down', ...how } as const;
  const down = await underLock(stack, lock, async () =>
    takeDown(stack, await stack.supervisor.find(), { hasten: call.hasten }),
  );
  noteVerb(stack, 'stop', down);
  if (!down.ok) return down;
  call.printer.note(`stopped in ${seconds(down.value.ms)}`);
  return ok(0);
}
