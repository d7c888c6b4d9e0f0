/** `upkeep attach`: the TUI of the running stack, whoever started it; leaving it keeps the stack running. */
import { fail, ok } from '../../core/result.ts';
import type { Verb } from '../call.ts';
import { open } from '../call.ts';
import { askUntil } from '../stack/interrupted.ts';
import { foreign } from '../stack/take-down.ts';
import { followTui } from '../stack/tui.ts';

export const attach: Verb<Record<string, never>> = async (call) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  if (!call.terminal) return fail({ reason: 'no-terminal', verb: 'attach' });
  const found = await stack.value.supervisor.find(askUntil(call.signal));
  if (call.signal.aborted) return fail({ reason: 'interrupted' });
  if (found.is === 'foreign') return fail(foreign(found));
  if (found.is === 'unreachable') return fail(found.failure);
  if (found.is !== 'running') return fail({ reason: 'not-running' });
  const left = await followTui(call, stack.value, found.instance);
  if (!left.ok) return left;
  call.printer.note(left.value === 'down' ? 'the stack was stopped' : 'the stack keeps running');
  return ok(0);
};
