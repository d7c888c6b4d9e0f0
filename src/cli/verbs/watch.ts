/** `upkeep watch`: restarts the stack when content changes; if a watcher is already running, shows its view. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpkeepEvent } from '../../core/event.ts';
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { eventDocument, eventView } from '../../ui/event-view.ts';
import type { Call, Verb } from '../call.ts';
import { open } from '../call.ts';
import type { Stack } from '../stack/open-stack.ts';
import { watchReport } from '../stack/watch-report.ts';
import { followJournal } from '../watch/journal.ts';
import { takeWatcherLock } from '../watch/watcher-lock.ts';

type Show = (event: UpkeepEvent, at: number) => void;

export const watch: Verb<Record<string, never>> = async (call) => {
  const stack = await open(call, { tolerant: false });
  if (!stack.ok) return stack;
  const show = createView(call, stack.value.project.root);
  while (!call.signal.aborted) {
    const lock = await takeWatcherLock(stack.value);
    if (!lock.ok) return lock;
    if (lock.value === null) {
      if (await appears(call, stack.value)) return view(call, stack.value, show);
      continue;
    }
    using _held = lock.value;
    const { runWatcher } = await import('../watch/session.ts');
    // Awaited here, so that the lock is held until the watcher ends.
    return await runWatcher({ call, stack: stack.value, show });
  }
  return ok(0);
};

const appearsWithinMs = 3_000;
const lookEveryMs = 50;

/** Whoever holds the lock writes its record at once; false: it ended before it did. */
async function appears(call: Call, stack: Stack): Promise<boolean> {
  const deadline = Date.now() + appearsWithinMs;
  while (!watchReport(stack).running) {
    if (call.signal.aborted || Date.now() > deadline) return false;
    await sleep(lookEveryMs);
  }
  return true;
}

/** Shows what another watcher reports from now on, until it ends or Ctrl-C. */
async function view(call: Call, stack: Stack, show: Show): Promise<Result<number>> {
  const { pid } = watchReport(stack);
  const isRunning = (): boolean => watchReport(stack).running;
  const events = followJournal(stack, call.signal, isRunning);
  call.printer.note(`a watcher is already running (pid ${pid}); this is its view, Ctrl-C leaves it`);
  for await (const { t, ...event } of events) {
    show(event, Date.parse(t));
  }
  return ok(0);
}

function createView({ printer }: Call, root: string): Show {
  const lines = eventView(printer.style, root);
  return (event, at) => {
    printer.document(eventDocument(event, at));
    const time = printer.style.dim(new Date(at).toTimeString().slice(0, 8));
    for (const line of lines(event)) printer.answer(`${time} ${line}`);
  };
}
