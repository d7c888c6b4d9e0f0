/** `upkeep port N|SERVICE`: who holds the port, whose it is, since when, and on which addresses it is free. */
import type { PortReport } from '../../core/port-report.ts';
import { isUsable } from '../../core/port-report.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { portLines } from '../../ui/port-view.ts';
import { listeningPorts } from '../../processes/listeners.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Instance } from '../../supervisor/port.ts';
import type { Call, Verb } from '../call.ts';
import { open } from '../call.ts';
import { readModel } from '../stack/model.ts';
import type { Stack } from '../stack/open-stack.ts';
import { reportOnPorts } from '../stack/port-reports.ts';
import { unknownServices } from './unknown-services.ts';

export interface PortOptions {
  readonly asked: string;
}

/** Exit code 0: ours, or free. 4: somebody else's. */
export const port: Verb<PortOptions> = async (call, { asked }) => {
  const opened = await open(call, { tolerant: true });
  // Who holds a number can be asked from anywhere.
  if (!opened.ok && (opened.failure.reason !== 'no-project' || !isNumber(asked))) return opened;
  const stack = opened.ok ? opened.value : null;
  const instance = stack && instanceOf(await stack.supervisor.find());
  if (isNumber(asked)) {
    const number = Number(asked);
    if (number < 1 || number > 65_535) return fail({ reason: 'usage', message: `${asked} is not a port.` });
    return answer(call, asked, { service: null, reports: await reportOnPorts(stack, [number], instance) });
  }
  if (stack === null) return fail({ reason: 'usage', message: `${asked} is not a port.` });
  const ports = await portsOfService(stack, instance, asked);
  if (!ports.ok) return ports;
  return answer(call, asked, {
    service: asked,
    reports: await reportOnPorts(stack, ports.value, instance),
  });
};

const isNumber = (text: string): boolean => /^\d+$/.test(text);

function answer(
  call: Call,
  asked: string,
  { service, reports }: { service: string | null; reports: readonly PortReport[] },
): Result<number> {
  call.printer.document({ schema: 1, asked, service, ports: reports });
  if (reports.length === 0)
    call.printer.answer(
      `${asked} declares no port and listens on none; \`ports:\` in upkeep.yaml declares one`,
    );
  for (const line of reports.flatMap(portLines)) call.printer.answer(line);
  return ok(reports.every(isUsable) ? 0 : 4);
}

/** Declared ports, and those on which its processes listen; with a broken configuration only the latter. */
async function portsOfService(
  stack: Stack,
  instance: Instance | null,
  name: string,
): Promise<Result<readonly number[]>> {
  const model = await readModel(stack, instance);
  const members = stack.members(instance?.server ?? null);
  const declared = model.ok ? (model.value.ports.get(name) ?? []) : [];
  const known = new Set([
    ...(model.ok ? model.value.services.keys() : []),
    ...stack.records().flatMap((record) => record.services),
    ...members.flatMap(({ service }) => service ?? []),
  ]);
  const unknown = unknownServices([name], [...known]);
  if (unknown) return unknown;
  const pids = members.filter((member) => member.service === name).map(({ row }) => row.pid);
  return ok([...new Set([...declared, ...listeningPorts(pids).keys()])].toSorted((a, b) => a - b));
}
