/** The only writer to the terminal: answers to stdout, everything for people to stderr, one JSON document with --json. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Failure } from '../core/failure.ts';
import { exitCode } from '../core/failure.ts';
import { explain, explainWarning } from './explain.ts';
import type { ColorChoice, Style } from './style.ts';
import { styleFor } from './style.ts';

export interface Printer {
  readonly json: boolean;
  readonly style: Style;
  /** The answer, for people; nothing with --json. */
  readonly answer: (text: string) => void;
  /** The answer as one JSON document, or one line of a stream; nothing without --json. */
  readonly document: (value: unknown) => void;
  /** Progress and hints; nothing with --quiet. */
  readonly note: (text: string) => void;
  /** What happened, where, and the next move. Always printed. */
  readonly failure: (failure: Failure) => void;
  readonly warning: (failure: Failure) => void;
  /** Part of the answer could not be written (a full disk, say): the reader must not take the rest for the whole. */
  readonly lost: () => boolean;
}

export interface PrinterOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: ColorChoice;
  /** Called when the reader of the answers went away (`| head`): a stream ends then, whatever is being done is done. */
  readonly onReaderGone?: () => void;
}

export function createPrinter(options: PrinterOptions): Printer {
  const style = styleFor(options.color, isatty(options.json ? 2 : 1), process.env);
  const loud = styleFor(options.color, isatty(2), process.env);
  let lost = false;
  const print = (text: string): void => {
    const code = write(1, text, options.onReaderGone);
    if (code !== null && !lost) write(2, `upkeep: the answer could not be written (${code}).\n`);
    lost ||= code !== null;
  };
  return {
    json: options.json,
    style,
    lost: () => lost,
    answer: (text) => {
      if (!options.json) print(`${text}\n`);
    },
    document: (value) => {
      if (options.json) print(`${JSON.stringify(value)}\n`);
    },
    note: (text) => {
      if (!options.quiet) write(2, `${text}\n`);
    },
    failure: (failure) => {
      write(2, `${loud.red('upkeep:')} ${explain(failure).join('\n')}\n`);
      if (options.json) print(`${JSON.stringify(failureDocument(failure))}\n`);
    },
    warning: (failure) => {
      if (!options.quiet)
        write(2, `${loud.yellow('upkeep: warning:')} ${explainWarning(failure).join('\n')}\n`);
    },
  };
}

/** What --json prints instead of an answer. */
export const failureDocument = (failure: Failure): object => ({
  schema: 1,
  ok: false,
  exitCode: exitCode[failure.reason],
  failure,
});

/**
 * Synchronous, so that nothing is lost when the process ends. The code of an error, which is not thrown because the work must go
 * on; null: written, or the reader went away, which is not our error.
 */
function write(fd: number, text: string, onReaderGone?: () => void): string | null {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') onReaderGone?.();
      if (code === 'EPIPE' || code === 'EIO') return null; // nobody reads any more, or the terminal was closed
      if (code !== 'EAGAIN') return code ?? String(error); // else a full pipe that somebody made non-blocking: try again
    }
  }
  return null;
}
