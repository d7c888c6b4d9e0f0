/** `upkeep ps [--all]`: every process of the stack with the evidence that it is ours; `--all`: other projects too. */
import { ok } from '../../core/result.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import { otherProjectLines, processTable, strayNote } from '../../ui/process-view.ts';
import type { Verb } from '../call.ts';
import { open } from '../call.ts';
import { listProcesses, otherProjects } from '../stack/process-list.ts';
import { rememberFirstSight } from '../stack/remember.ts';

export interface PsOptions {
  readonly all: boolean;
}

export const ps: Verb<PsOptions> = async (call, { all }) => {
  const { printer } = call;
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) {
    // The other projects can be listed from anywhere.
    if (!all || stack.failure.reason !== 'no-project') return stack;
    const others = otherProjects(null);
    printer.document({ schema: 1, root: null, instance: null, processes: [], others });
    printer.answer(otherProjectLines(others, printer.style).join('\n'));
    return ok(0);
  }
  const { project, supervisor } = stack.value;
  const instance = instanceOf(await supervisor.find());
  const processes = listProcesses(stack.value, instance);
  const others = all ? otherProjects(project.key) : null;
  printer.document({
    schema: 1,
    root: project.root,
    instance: instance && { id: instance.id, owner: instance.owner, pid: instance.server.pid },
    processes,
    ...(others ? { others } : {}),
  });
  printer.answer(
    processes.length > 0
      ? processTable(processes, printer.style)
      : `no process of ${project.root} is running`,
  );
  if (others) printer.answer(['', ...otherProjectLines(others, printer.style)].join('\n'));
  if (instance) rememberFirstSight(stack.value, instance);
  if (processes.some(({ leftover }) => leftover))
    printer.note('`upkeep reap` ends what an earlier run left over');
  const strays = processes.filter(({ stray }) => stray);
  if (strays.length > 0) printer.note(strayNote(strays));
  return ok(0);
};
