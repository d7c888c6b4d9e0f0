/** A terminal for one command: script(1) of util-linux gives it a pty, the test types and reads. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import type { TestProject } from './project.ts';
import { builtCli } from './project.ts';
import { eventually } from './until.ts';

export interface Terminal extends AsyncDisposable {
  /** Everything that was ever on the screen, without escape sequences. */
  readonly text: () => string;
  /** How often something took the whole screen: each TUI that was started. */
  readonly screens: () => number;
  readonly type: (keys: string) => void;
  readonly shows: (pattern: RegExp) => Promise<void>;
  /** The exit code of the command, when all that it showed is in `text`. */
  readonly ended: Promise<number | null>;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

export function openTerminal(
  argv: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>> },
): Terminal {
  const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const inside = `stty rows 40 cols 160; exec ${quoted}`;
  const child: ChildProcess = spawn('script', ['-qefc', inside, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let raw = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (raw += text));
  child.stdin?.on('error', () => undefined); // it closed first
  // Not `exit`: what it said last is read after that.
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const text = (): string => stripVTControlCharacters(raw);
  const isOpen = (): boolean => child.exitCode === null && child.signalCode === null;
  /** As a window that is closed: its end of the pty goes, and the kernel sends HUP to what ran in it. */
  const close = async (): Promise<void> => {
    if (isOpen()) child.kill('SIGKILL');
    await ended;
  };
  return {
    text,
    screens: () => raw.split('\u001b[?1049h').length - 1,
    type: (keys) => void child.stdin?.write(keys),
    shows: async (pattern) => {
      const seen = (): string => text().slice(-600);
      await eventually(`the terminal shows ${pattern}`, () => pattern.test(text()), { seen });
    },
    ended,
    isOpen,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The built CLI in a terminal of its own. */
export const openUpkeep = (project: TestProject, args: readonly string[]): Terminal =>
  openTerminal([process.execPath, builtCli(), ...args], { cwd: project.root, env: project.env });
