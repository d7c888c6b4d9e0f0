/** `upkeep logs [SERVICE…] [-f] [-n N]`: what the services wrote, combined or one by one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import type { Control } from '../../supervisor/port.ts';
import type { Call, Verb } from '../call.ts';
import { open } from '../call.ts';
import { newLines } from '../stack/new-lines.ts';

export interface LogsOptions {
  readonly names: readonly string[];
  readonly follow: boolean;
  /** null: all on a terminal, the last 200 off it. */
  readonly lines: number | null;
}

const offTerminalLines = 200;
const followEveryMs = 250;

export const logs: Verb<LogsOptions> = async (call, options) => {
  const stack = await open(call, { tolerant: true });
  if (!stack.ok) return stack;
  const found = await stack.value.supervisor.find();
  if (found.is === 'none' || found.is === 'foreign') return fail({ reason: 'not-running' });
  const control = stack.value.supervisor.connect(found.instance.endpoint);
  const states = await control.states();
  if (!states.ok) return states;
  const known = states.value.map((state) => state.name);
  const unknown = options.names.filter((name) => !known.includes(name));
  if (unknown.length > 0) return fail({ reason: 'unknown-service', names: unknown, known });
  return printLogs(call, control, { ...options, names: options.names.length > 0 ? options.names : known });
};

async function printLogs(call: Call, control: Control, options: LogsOptions): Promise<Result<number>> {
  const limit = options.lines ?? (call.terminal ? 0 : offTerminalLines);
  const seen = new Map<string, readonly string[]>();
  const width = Math.max(...options.names.map((name) => name.length));
  for (let first = true; ; first = false) {
    for (const name of options.names) {
      const log = await control.logs(name, 0, call.signal);
      if (!log.ok) return first ? log : ok(0); // the stack went away while following: that is the end of its log
      const fresh = newLines(seen.get(name) ?? [], log.value);
      seen.set(name, log.value);
      const shown = first && limit > 0 ? fresh.slice(-limit) : fresh;
      if (first && shown.length < fresh.length && options.lines === null) {
        call.printer.note(`${name}: the last ${shown.length} of ${fresh.length} lines; -n 0 prints all`);
      }
      for (const line of shown) print(call, { name, line, width, single: options.names.length === 1 });
    }
    if (!options.follow) return ok(0);
    await sleep(followEveryMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) return ok(0);
  }
}

function print(call: Call, entry: { name: string; line: string; width: number; single: boolean }): void {
  const { printer } = call;
  printer.document({ service: entry.name, line: entry.line });
  printer.answer(
    entry.single ? entry.line : `${printer.style.cyan(entry.name.padEnd(entry.width))} | ${entry.line}`,
  );
}
