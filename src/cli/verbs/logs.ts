/** `upkeep logs [SERVICE…] [-f] [-n N]`: what the services wrote, combined or one by one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Control } from '../../supervisor/port.ts';
import type { Call, Verb } from '../call.ts';
import { open } from '../call.ts';
import { askUntil } from '../stack/interrupted.ts';
import { newLines } from '../../core/new-lines.ts';
import { unknownServices } from './unknown-services.ts';

export interface LogsOptions {
  readonly names: readonly string[];
  readonly follow: boolean;
  /** The last lines of each service; 0: all. null: all on a terminal, 200 in all off it. */
  readonly lines: number | null;
}

/** As much as an agent or a pipe can take in at once; a note says what was cut. */
const offTerminalLines = 200;
const followEveryMs = 250;

export const logs: Verb<LogsOptions> = async (call, options) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const found = await stack.value.supervisor.find(askUntil(call.signal));
  if (call.signal.aborted) return fail({ reason: 'interrupted' });
  if (found.is === 'none' || found.is === 'foreign') return fail({ reason: 'not-running' });
  if (found.is === 'unreachable') return fail(found.failure);
  const control = stack.value.supervisor.connect(found.instance.endpoint);
  const states = await control.states(call.signal);
  if (!states.ok) return states;
  const known = states.value.map((state) => state.name);
  const unknown = unknownServices(options.names, known);
  if (unknown) return unknown;
  const selected = { ...options, names: options.names.length > 0 ? options.names : known };
  return call.printer.json && !options.follow
    ? oneDocument(call, control, selected)
    : printLogs(call, control, selected);
};

/** Without `-f` it is not a stream: one document, as from every verb. */
async function oneDocument(call: Call, control: Control, options: LogsOptions): Promise<Result<number>> {
  const services: { name: string; lines: readonly string[]; cut: boolean }[] = [];
  const limit = limitFor(call, options);
  for (const name of options.names) {
    const log = await control.logs(name, 0, call.signal);
    if (!log.ok) return log;
    const lines = limit > 0 ? log.value.slice(-limit) : log.value;
    services.push({ name, lines: lines.map(stripVTControlCharacters), cut: lines.length < log.value.length });
  }
  call.printer.document({ schema: 1, services });
  return ok(0);
}

const limitFor = (call: Call, { lines, names }: LogsOptions): number =>
  lines ?? (call.terminal ? 0 : Math.ceil(offTerminalLines / Math.max(1, names.length)));

async function printLogs(call: Call, control: Control, options: LogsOptions): Promise<Result<number>> {
  const { names } = options;
  const limit = limitFor(call, options);
  const printed = new Map<string, readonly string[]>();
  const width = Math.max(0, ...names.map((name) => name.length));
  for (let first = true; ; first = false) {
    for (const name of names) {
      const log = await control.logs(name, 0, call.signal);
      if (!log.ok) return first ? log : ok(0); // the stack went away while following: that is the end of its log
      const fresh = newLines(printed.get(name) ?? [], log.value);
      printed.set(name, log.value);
      const shown = first && limit > 0 ? fresh.slice(-limit) : fresh;
      if (shown.length < fresh.length && options.lines === null) {
        call.printer.note(`${name}: the last ${shown.length} of ${fresh.length} lines; \`-n 0\` prints all`);
      }
      for (const line of shown) print(call, { name, line, width, single: names.length === 1 });
    }
    if (!options.follow) return ok(0);
    await sleep(followEveryMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) return ok(0);
  }
}

/** The services may set colours; only a terminal gets to see them. */
function print(call: Call, entry: { name: string; line: string; width: number; single: boolean }): void {
  const { printer } = call;
  const line = call.terminal ? entry.line : stripVTControlCharacters(entry.line);
  printer.document({ service: entry.name, line });
  printer.answer(entry.single ? line : `${printer.style.cyan(entry.name.padEnd(entry.width))} | ${line}`);
}
