/** What every verb is given: where it was called, the printer, and the signals that end or hurry it. */
import type { Result } from '../core/result.ts';
import type { Printer } from '../ui/printer.ts';
import type { Stack } from './stack/open-stack.ts';
import { openStack } from './stack/open-stack.ts';

export interface Call {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `-C`; null: from the current directory upwards. */
  readonly root: string | null;
  /** `--timeout`; null: not given. */
  readonly timeoutMs: number | null;
  readonly printer: Printer;
  /** Aborted by the first Ctrl-C or TERM. */
  readonly signal: AbortSignal;
  /** Aborted by the second. */
  readonly hasten: AbortSignal;
  /** stdin and stdout are a terminal. */
  readonly terminal: boolean;
}

/** A verb resolves to its exit code, or to the failure that decides it. */
export type Verb<Options> = (call: Call, options: Options) => Promise<Result<number>>;

/** How long a command waits for another one on the same project, unless `--timeout` says otherwise. */
export const lockWaitMs = 120_000;

/** The stack that the call is about, after its warnings. `tolerant`: also with a broken upkeep.yaml. */
export async function open(call: Call, how: { tolerant: boolean }): Promise<Result<Stack>> {
  const stack = await openStack({ root: call.root, cwd: call.cwd, env: call.env, tolerant: how.tolerant });
  if (stack.ok) for (const warning of stack.value.warnings) call.printer.warning(warning);
  // Only worth saying where something is about to be started.
  if (stack.ok && stack.value.note !== null && !how.tolerant) call.printer.note(stack.value.note);
  return stack;
}

/** For what ends at the first Ctrl-C, and goes with KILL at the second. */
export const interruptible = ({ signal, hasten }: Call): { signal: AbortSignal; hasten: AbortSignal } => ({
  signal,
  hasten,
});

/** A stop is brought to its end: the first Ctrl-C meanwhile says what the second one does. */
export async function unlessHastened<T>({ signal, printer }: Call, stop: () => Promise<T>): Promise<T> {
  const tell = (): void =>
    printer.note('the stop goes on; a second Ctrl-C kills what has not ended by itself');
  signal.addEventListener('abort', tell);
  try {
    return await stop();
  } finally {
    signal.removeEventListener('abort', tell);
  }
}

/** For the operation lock: how long to wait, and what to say while waiting. */
export const waiting = (
  call: Call,
): { waitMs: number; onWait: (holder: string) => void; signal: AbortSignal } => ({
  waitMs: call.timeoutMs ?? lockWaitMs,
  onWait: (holder) => call.printer.note(`waiting for ${holder} …`),
  signal: call.signal,
});
