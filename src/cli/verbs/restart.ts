/** `upkeep restart`: reload and validate the configuration, down, up; in the background afterwards. */
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Verb } from '../call.ts';
import { open, unlessHastened, waiting } from '../call.ts';
import { planLines } from '../stack/plan-view.ts';
import type { Restarted } from '../stack/restart-stack.ts';
import { planRestart, startAgain, stopForRestart } from '../stack/restart-stack.ts';
import { underLock } from '../stack/under-lock.ts';
import { noteVerb } from '../watch/verb-note.ts';
import { becomeReady, report } from './report-ready.ts';

export interface RestartOptions {
  readonly dryRun: boolean;
  readonly freshEnv: boolean;
  readonly wait: boolean;
}

export const restart: Verb<RestartOptions> = async (call, options) => {
  const opened = await open(call, { tolerant: false });
  if (!opened.ok) return opened;
  const stack = opened.value;
  const caller = { cwd: call.cwd, env: call.env, onProgress: call.printer.note, signal: call.signal };
  const planned = { ...caller, freshEnv: options.freshEnv };
  if (options.dryRun) {
    const plan = await planRestart(stack, planned);
    if (!plan.ok) return plan;
    const steps = planLines(stack, plan.value);
    call.printer.document({ schema: 1, steps });
    call.printer.answer(steps.join('\n'));
    return ok(0);
  }
  const lock = { verb: 'restart', desired: 'up', ...waiting(call) } as const;
  const restarted: Result<Restarted> = await underLock(stack, lock, async () => {
    const plan = await planRestart(stack, planned);
    if (!plan.ok) return plan;
    if (call.signal.aborted) return fail({ reason: 'interrupted', left: 'untouched' });
    const down = await unlessHastened(call, () => stopForRestart(stack, plan.value, { hasten: call.hasten }));
    if (!down.ok) return down;
    // A stop is followed by a start: a Ctrl-C during the one does not keep from the other, but the next one does.
    if (call.hasten.aborted) return fail({ reason: 'interrupted', left: 'down' });
    const signal = call.signal.aborted ? call.hasten : call.signal;
    return startAgain(stack, plan.value, { ...caller, signal, hasten: call.hasten });
  });
  noteVerb(stack, 'restart', restarted);
  if (!restarted.ok) return restarted;
  const { stack: now, instance, model, savedMeanwhile, wentBack } = restarted.value;
  const ready = options.wait ? await becomeReady(call, now, { instance, model: ok(model) }) : ok(undefined);
  if (wentBack) return fail(wentBack);
  if (savedMeanwhile?.reason === 'stack-config-bad' && ready.ok) return fail(savedMeanwhile);
  if (savedMeanwhile) call.printer.warning(savedMeanwhile);
  return ready.ok ? report(call, now) : ready;
};
