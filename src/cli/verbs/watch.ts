/** `upkeep watch`: restarts the stack when what is on disk changes; beside a running watcher, its view. */
import { ok } from '../../core/result.ts';
import type { UpkeepEvent } from '../../core/event.ts';
import { eventDocument, eventLines } from '../../ui/event-view.ts';
import type { Call, Verb } from '../call.ts';
import { open } from '../call.ts';
import { watchReport } from '../stack/watch-report.ts';
import { followJournal } from '../watch/journal.ts';
import { takeWatcherLock } from '../watch/watcher-lock.ts';

export const watch: Verb<Record<string, never>> = async (call) => {
  const stack = await open(call, { tolerant: false });
  if (!stack.ok) return stack;
  const lock = await takeWatcherLock(stack.value);
  if (!lock.ok) return lock;
  if (lock.value === null) {
    const { pid } = watchReport(stack.value);
    call.printer.note(`a watcher runs already (pid ${pid ?? '?'}); this is its view, Ctrl-C leaves it`);
    const isRunning = (): boolean => watchReport(stack.value).running;
    for await (const { t, ...event } of followJournal(stack.value, call.signal, isRunning)) {
      show(call, event, Date.parse(t));
    }
    return ok(0);
  }
  using _held = lock.value;
  const { runWatcher } = await import('../watch/session.ts');
  return runWatcher({ call, stack: stack.value, show: (event, at) => show(call, event, at) });
};

function show(call: Call, event: UpkeepEvent, at: number): void {
  call.printer.document(eventDocument(event, at));
  const time = call.printer.style.dim(new Date(at).toTimeString().slice(0, 8));
  for (const line of eventLines(event, call.printer.style)) call.printer.answer(`${time} ${line}`);
}
