/** `upkeep start`, `start -d`, `start-bg`: starts the stack with its TUI here, or in the background until it is ready. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { strayNote } from '../../ui/process-view.ts';
import type { Call, Verb } from '../call.ts';
import { interruptible, open, waiting } from '../call.ts';
import type { Stack } from '../stack/open-stack.ts';
import { reportStray } from '../stack/process-list.ts';
import type { Started } from '../stack/start-stack.ts';
import { startStack } from '../stack/start-stack.ts';
import { underLock } from '../stack/under-lock.ts';
import { noteVerb } from '../watch/verb-note.ts';
import { becomeReady, report } from './report-ready.ts';

export interface StartOptions {
  readonly detach: boolean;
  readonly wait: boolean;
}

export const start: Verb<StartOptions> = async (call, options) => {
  const stack = await open(call, { tolerant: false });
  if (!stack.ok) return stack;
  const foreground = !options.detach && call.terminal && !call.printer.json;
  if (!options.detach && !foreground)
    call.printer.note('no terminal: starting in the background, as `start --detach` does');
  const started = await startOnce(call, stack.value);
  if (!started.ok || !started.value.already) noteVerb(stack.value, 'start', started);
  if (!started.ok) return started;
  if (started.value.already) call.printer.note('already up');
  const strays = stack.value.search(started.value.instance.server).strays();
  if (strays.length > 0) call.printer.note(strayNote(strays.map(reportStray)));
  if (!foreground) {
    const ready = options.wait ? await becomeReady(call, stack.value, started.value) : ok(undefined);
    return ready.ok ? report(call, stack.value) : ready;
  }
  const { runForeground } = await import('./foreground.ts');
  return runForeground(call, stack.value, started.value);
};

/** Holds the lock only until the server answers: `stop` must not wait for a slow service to get ready. */
async function startOnce(call: Call, stack: Stack): Promise<Result<Started>> {
  const caller = { cwd: call.cwd, env: call.env, onProgress: call.printer.note, ...interruptible(call) };
  return underLock(stack, { verb: 'start', desired: 'up', ...waiting(call) }, async ({ unfinished }) => {
    const started = await startStack(stack, caller, unfinished);
    return started.ok ? ok(started.value) : started;
  });
}
