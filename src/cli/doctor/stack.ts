/** Checks of the stack: its files, its instance, its records, what earlier runs left, its ports. */
import { isUsable } from '../../core/port-report.ts';
import { formatEndpoint } from '../../core/endpoint.ts';
import { readSettings } from '../../config/read-settings.ts';
import { readExe } from '../../processes/evidence.ts';
import { listRecords } from '../../processes/ledger.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Found } from '../../supervisor/port.ts';
import { locateBinary } from '../../supervisor/process-compose/binary/locate-binary.ts';
import { explain } from '../../ui/explain.ts';
import { portLines } from '../../ui/port-view.ts';
import type { Model } from '../stack/model.ts';
import { modelOf, readModel } from '../stack/model.ts';
import type { Stack } from '../stack/open-stack.ts';
import { reportOnPorts } from '../stack/port-reports.ts';
import { listProcesses } from '../stack/process-list.ts';
import { startToRepeat } from '../stack/start-record.ts';
import { readIntent, readStart } from '../stack/state-records.ts';
import { foreign } from '../stack/take-down.ts';
import type { Finding } from './check.ts';
import { failed, fine, note, problem } from './check.ts';

export async function checkSettings(stack: Stack): Promise<Finding> {
  const settings = await readSettings(stack.project.root);
  if (!settings.ok) return failed(settings.failure, 'fix these lines');
  return fine(settings.value.file ?? 'there is none: the defaults apply');
}

/** As a restart would: a dry run of the real program, which starts nothing. */
export async function checkConfiguration(
  stack: Stack,
  found: Found,
  caller: { cwd: string; env: NodeJS.ProcessEnv; onProgress: (line: string) => void },
): Promise<Finding> {
  const instance = instanceOf(found);
  const runningBinary = instance && readExe(instance.server.pid);
  const start = startToRepeat(stack, instance, { ...caller, fresh: false });
  // doctor must answer at once, and not after a build.
  if (stack.project.backend !== 'devenv' && locateBinary(runningBinary, process.env).found === null) {
    const model = await readModel(stack, instance);
    return model.ok
      ? note('can be read, but not validated without a process-compose', 'upkeep start')
      : failed(model.failure, 'fix these lines');
  }
  const { onProgress } = caller;
  const prepared = await stack.supervisor.prepare({
    env: start.env,
    runningBinary,
    like: start.argv,
    onProgress,
  });
  if (!prepared.ok) return failed(prepared.failure);
  const model = await modelOf(stack, prepared.value.definition);
  if (!model.ok) return failed(model.failure, 'fix these lines');
  return fine(`${prepared.value.files.join(', ')}: ${[...model.value.services.keys()].join(', ')}`);
}

export function checkInstance(found: Found): Finding {
  switch (found.is) {
    case 'none':
      return note('down', 'upkeep start');
    case 'running': {
      const { endpoint, owner, server } = found.instance;
      const by = owner === 'external' ? ', started outside upkeep' : '';
      return fine(`answers at ${formatEndpoint(endpoint)}, pid ${server.pid}${by}`);
    }
    case 'unreachable': {
      const { endpoint, server } = found.instance;
      return problem(
        `pid ${server.pid} is alive but does not answer at ${formatEndpoint(endpoint)}`,
        'upkeep restart',
      );
    }
    case 'foreign':
      return failed(foreign(found));
  }
}

export function checkRecords({ project }: Stack): Finding {
  const { records, problems } = listRecords(project.stateDir);
  const others = [readStart(project), readIntent(project)].flatMap((read) => (read.ok ? [] : [read.failure]));
  const bad = [...problems, ...others];
  if (bad.length === 0)
    return fine(records.length === 0 ? 'there are none' : `${records.length} of this boot`);
  const text = bad.map((failure) => explain(failure)[0] ?? '').join('\n');
  const newer = bad.some((failure) => failure.reason === 'record-invalid' && failure.problem === 'newer');
  return problem(text, newer ? 'update upkeep: a newer one wrote them' : 'upkeep reap --dry-run');
}

export function checkLeftovers(stack: Stack, found: Found): Finding {
  const processes = listProcesses(stack, instanceOf(found));
  const left = processes.filter(({ leftover }) => leftover);
  const count = (is: string): number => processes.filter((one) => one.class === is).length;
  if (left.length > 0) {
    const names = left.map(({ pid, service }) => `pid ${pid}${service ? ` (${service})` : ''}`).join(', ');
    return problem(`an earlier run left ${names}`, 'upkeep reap');
  }
  const strays = processes.filter(({ stray }) => stray);
  if (strays.length > 0) {
    const names = strays.map(({ pid, service }) => `pid ${pid}${service ? ` (${service})` : ''}`).join(', ');
    return note(
      `nothing is proved; ${names} look${strays.length === 1 ? 's' : ''} like services that lost their supervisor`,
      `upkeep reap ${strays.map(({ pid }) => pid).join(' ')}`,
    );
  }
  const others = count('detached') + count('suspect');
  return others > 0
    ? note(
        `none; ${count('detached')} came from the stack and left it, ${count('suspect')} only look like it`,
        'upkeep ps',
      )
    : fine('none');
}

export async function checkPorts(stack: Stack, found: Found): Promise<Finding> {
  const instance = instanceOf(found);
  const model = await readModel(stack, instance);
  if (!model.ok) return note('not known: the configuration does not evaluate');
  const { allPorts }: Model = model.value;
  if (allPorts.length === 0) return fine('none declared');
  const reports = await reportOnPorts(stack, allPorts, instance);
  const taken = reports.filter((report) => !isUsable(report));
  if (taken.length === 0)
    return fine(
      reports.map(({ port, is }) => `${port} ${is === 'ours' ? 'held by the stack' : is}`).join(', '),
    );
  return problem(taken.flatMap(portLines).join('\n'), `upkeep port ${taken[0]?.port}`);
}
