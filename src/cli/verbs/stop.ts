/** `upkeep stop`: ends all services and the supervisor, whoever started them; nothing to stop is fine. */
import type { Result } from '../../core/result.ts';
import { ok } from '../../core/result.ts';
import { seconds } from '../../ui/duration.ts';
import { strayNote } from '../../ui/process-view.ts';
import type { Verb } from '../call.ts';
import { open, unlessHastened, waiting } from '../call.ts';
import { noteKills } from './note-kills.ts';
import { reportStray } from '../stack/process-list.ts';
import type { TakenDown } from '../stack/take-down.ts';
import { takeDown } from '../stack/take-down.ts';
import { underLock } from '../stack/under-lock.ts';
import { noteVerb } from '../watch/verb-note.ts';

export const stop: Verb<Record<string, never>> = async (call) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const onUnrecorded = call.printer.warning;
  const options = { verb: 'stop', desired: 'down', ...waiting(call), onUnrecorded } as const;
  const down: Result<TakenDown> = await underLock(stack.value, options, async () => {
    const found = await stack.value.supervisor.find();
    return unlessHastened(call, () => takeDown(stack.value, found, { hasten: call.hasten }));
  });
  if (!down.ok || down.value.instance !== null || down.value.leftovers > 0)
    noteVerb(stack.value, 'stop', down);
  if (!down.ok) return down;
  const { instance, leftovers, signals, held, ms } = down.value;
  const strays = stack.value.search(null).strays().map(reportStray);
  call.printer.document({
    schema: 1,
    stopped: instance !== null || leftovers > 0,
    leftovers,
    strays,
    signals,
    held,
    ms,
  });
  if (instance === null && leftovers === 0) call.printer.answer('nothing was running');
  else call.printer.answer(`stopped${leftBehind(leftovers)} in ${seconds(ms)}`);
  noteKills(call, signals);
  for (const holder of held)
    call.printer.note(
      `port ${holder.port} is held by pid ${holder.pid ?? '?'} (${holder.command ?? 'cannot be seen from here'}), which is not of this stack`,
    );
  if (strays.length > 0) call.printer.note(strayNote(strays));
  return ok(0);
};

const leftBehind = (count: number): string =>
  count === 0 ? '' : ` ${count} process${count === 1 ? '' : 'es'} that an earlier run had left`;
