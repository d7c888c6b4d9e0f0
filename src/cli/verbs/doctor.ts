/** `upkeep doctor`: checks everything that upkeep needs, each with the next move; answers even when everything is broken. */
import type { Check, DoctorReport } from '../../core/doctor.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { readExe } from '../../processes/evidence.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Found } from '../../supervisor/port.ts';
import { doctorLines } from '../../ui/doctor-view.ts';
import type { Call, Verb } from '../call.ts';
import { check, failed } from '../doctor/check.ts';
import { checkDevenv, checkFlock, checkGit, checkNode, checkProcessCompose } from '../doctor/machine.ts';
import { checkMarker } from '../doctor/marker.ts';
import { checkInotify, checkSockets, checkState } from '../doctor/places.ts';
import {
  checkConfiguration,
  checkInstance,
  checkLeftovers,
  checkPorts,
  checkRecords,
  checkSettings,
} from '../doctor/stack.ts';
import type { Stack } from '../stack/open-stack.ts';
import { openStack } from '../stack/open-stack.ts';
import { watchReport } from '../stack/watch-report.ts';

/** 0: nothing is wrong. 1: something is. */
export const doctor: Verb<Record<string, never>> = async (call) => {
  const { cwd, env, root } = call;
  // Not `open`: what is broken belongs in the answer here, not in a warning beside it.
  const opened = await guarded(() => openStack({ root, cwd, env, tolerant: true }));
  const stack = opened.ok ? opened.value : null;
  const search = await guarded(async () => ok(stack ? await stack.supervisor.find() : none));
  const found: Found = search.ok ? search.value : none;
  const instance = instanceOf(found);
  const running = instance && readExe(instance.server.pid);
  const checks = [
    await check('node', () => checkNode()),
    stack?.project.backend === 'devenv'
      ? await check('devenv', () => checkDevenv(env))
      : await check('process-compose', () => checkProcessCompose(running, env)),
    await check('git', () => checkGit(stack?.project.root ?? cwd, stack?.project.gitDir ?? null)),
    await check('flock', checkFlock),
    ...(opened.ok
      ? await projectChecks(call, opened.value, found)
      : [await check('project', () => failed(opened.failure))]),
    ...(search.ok ? [] : [await check('search', () => failed(search.failure))]),
  ];
  const report: DoctorReport = {
    schema: 1,
    root: stack?.project.root ?? null,
    ok: checks.every(({ is }) => is !== 'problem'),
    checks,
  };
  call.printer.document(report);
  call.printer.answer(doctorLines(report, call.printer.style).join('\n'));
  return ok(report.ok ? 0 : 1);
};

const none: Found = { is: 'none' };

async function guarded<T>(look: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await look();
  } catch (error) {
    return fail({ reason: 'unexpected', message: String(error), stack: '' });
  }
}

/** One after the other, in the order in which a person reads them: some look at the same processes. */
async function projectChecks(call: Call, stack: Stack, found: Found): Promise<Check[]> {
  const { project } = stack;
  return [
    await check('state directory', () => checkState(project)),
    await check('socket directory', () => checkSockets(project)),
    await check('upkeep.yaml', () => checkSettings(stack)),
    await check('configuration', () =>
      checkConfiguration(stack, found, { ...call, onProgress: call.printer.note }),
    ),
    await check('instance', () => checkInstance(found)),
    await check('marker', () => checkMarker(stack, found)),
    await check('records', () => checkRecords(stack)),
    await check('leftovers', () => checkLeftovers(stack, found)),
    await check('ports', () => checkPorts(stack, found)),
    await check('inotify', () => checkInotify(project, watchReport(stack).running)),
  ];
}
