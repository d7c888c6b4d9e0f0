/** What devenv says: words on stderr, results on stdout, both written at once, for the process may become another one. */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export const print = (text: string): void => write(1, text);
export const say = (line: string): void => write(2, `${line}\n`);

function write(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}

/** `Building shell in 564ms`, with a mark where there is a terminal. */
export function saySpan(what: string, startedAt: number, failed = false): void {
  const mark = isatty(2) ? (failed ? '✖ ' : '✔ ') : '';
  say(`${mark}${what} in ${duration(performance.now() - startedAt)}`);
}

const duration = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)}ms` : `${(ms / 1_000).toFixed(1)}s`);

/** A foreseen end: a box on stderr, and exit code 1. */
export class Bail extends Error {
  readonly causes: readonly string[];
  constructor(message: string, causes: readonly string[] = []) {
    super(message);
    this.causes = causes;
  }
}

/** A usage error: exit code 2, without a box. */
export class Usage extends Error {}

/** `Error:   × …`, wrapped at 80 columns with `│`. */
export function sayBail({ message, causes }: Bail): void {
  const open = causes.length > 0;
  const lines = wrap(message).map((line, at) => `${at === 0 ? 'Error:   × ' : '  │ '}${line}`);
  for (const [at, cause] of causes.entries()) {
    const last = at === causes.length - 1;
    for (const [n, line] of wrap(cause).entries())
      lines.push(n === 0 ? `  ${last ? '╰' : '├'}─▶ ${line}` : `  ${last ? ' ' : '│'}   ${line}`);
  }
  say(lines.join('\n') + (open ? '\n' : ''));
}

/** Words are kept whole where they fit, paths and dashes are broken where they do not. */
export function wrap(text: string, columns = 76): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(/(?<= )/)) {
      if (current !== '' && (current + word).trimEnd().length > columns) {
        lines.push(current.trimEnd());
        current = '';
      }
      current += word;
    }
    return [...lines, current.trimEnd()];
  });
}
