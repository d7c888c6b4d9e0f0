/** From argv to a verb to the exit code: the only place that sets it, and the boundary where a bug becomes a failure. */
import { isatty } from 'node:tty';
import type { Failure } from '../core/failure.ts';
import { exitCode } from '../core/failure.ts';
import { guard } from '../daemon/guard.ts';
import { keepDigests } from '../io/hash.ts';
import { createPrinter, failureDocument } from '../ui/printer.ts';
import type { Call, Verb } from './call.ts';
import { interrupts } from './interrupts.ts';
import type { CommonOptions } from './program.ts';
import { programFor } from './program.ts';

/** Runs one verb and turns what it says into the exit code. */
async function runVerb<Options>(
  load: () => Promise<Verb<Options>>,
  common: CommonOptions,
  options: Options,
): Promise<void> {
  const { signal, hasten, readerGone } = interrupts();
  const printer = createPrinter({
    json: common.json ?? false,
    quiet: common.quiet ?? false,
    color: common.color ?? 'auto',
    onReaderGone: readerGone,
  });
  const call: Call = {
    cwd: workingDirectory(),
    env: process.env,
    root: common.root ?? null,
    timeoutMs: common.timeout === undefined ? null : common.timeout * 1000,
    printer,
    signal,
    hasten,
    // Not process.stdin.isTTY: that opens a stream, 2 ms at each start.
    terminal: isatty(0) && isatty(1),
  };
  const result = await guard(async () => (await load())(call, options));
  if (result.ok) {
    process.exitCode = result.value || Number(printer.lost());
    keepDigests();
  } else {
    printer.failure(result.failure);
    process.exitCode = exitCode[result.failure.reason];
  }
  // Every write was synchronous. Not waiting for Node's teardown saves milliseconds; what was launched lives on.
  process.exit();
}

/** If it was removed under us, its name is still what the command is about, but children need one that exists. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    return process.env['PWD'] ?? '/';
  }
}

/** Whoever asked for JSON gets a document, whatever was wrong with the rest of the line. */
function refuseInJson(failure: Failure): void {
  createPrinter({ json: true, quiet: true, color: 'never' }).document(failureDocument(failure));
}

async function main(): Promise<void> {
  if (process.platform === 'darwin') (await import('../processes/darwin/system.ts')).useDarwin();
  try {
    await programFor(process.argv, runVerb).parseAsync();
  } catch (error) {
    // commander has printed its own message: help and version are fine, everything else is usage.
    const code = (error as { exitCode?: number }).exitCode;
    if (code === undefined) throw error;
    process.exitCode = code === 0 ? 0 : 2;
    const { message } = error as Error;
    if (code !== 0 && process.argv.includes('--json')) refuseInJson({ reason: 'usage', message });
  }
}

// No top-level await: the bundle is CommonJS, in which Node's own modules stay as lazy as ours (docs/performance.md).
void main();
