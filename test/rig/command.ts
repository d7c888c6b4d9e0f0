/** One command of a test: bounded, its output kept, done when it has ended *and* nobody holds its pipes any more. */
import { spawn } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { eventually } from './until.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 60 s, a guard against hanging; then it is killed, and the test fails with what it said. */
  readonly timeoutMs?: number;
  /** Its stdout goes into this file: read there, nothing that it has written is still on its way. */
  readonly stdoutFile?: string;
  /** What becomes of descriptors from 3 on. */
  readonly moreDescriptors?: readonly ('ignore' | 'pipe' | number)[];
}

export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly all: string;
  readonly ms: number;
  /** stdout, which must be exactly one JSON document. */
  json(): unknown;
}

export interface Running {
  readonly pid: number;
  /** Both streams, so far. */
  readonly said: () => string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly finished: Promise<Finished>;
  /** Resolves when its output matches. */
  says(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export function command(argv: readonly string[], options: RunOptions): Running {
  const [program = '', ...args] = argv;
  const startedAt = performance.now();
  const { stdoutFile } = options;
  const file = stdoutFile === undefined ? null : openSync(stdoutFile, 'w');
  const stdio: StdioOptions = ['ignore', file ?? 'pipe', 'pipe', ...(options.moreDescriptors ?? [])];
  const child = spawn(program, args, { cwd: options.cwd, env: { ...options.env }, stdio });
  if (file !== null) closeSync(file);
  const said = { stdout: '', stderr: '', all: '' };
  const stdout = (): string => (stdoutFile === undefined ? said.stdout : textOf(stdoutFile));
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      said.all += text;
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    const timeoutMs = options.timeoutMs ?? 60_000;
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      reject(
        new Error(
          `${args.join(' ')}: not done after ${timeoutMs} ms (exit code ${child.exitCode}); it said:\n${said.all}`,
        ),
      );
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      const ms = performance.now() - startedAt;
      resolve({ code, signal, ...said, stdout: stdout(), ms, json: () => onlyDocument(said) });
    });
  });
  finished.catch(() => undefined); // whoever awaits it hears of it
  return {
    pid: child.pid ?? -1,
    said: () => said.all,
    stdout,
    stderr: () => said.stderr,
    finished,
    says: async (pattern) => {
      await eventually(`${args.join(' ')} says ${pattern}`, () => pattern.test(said.all), {
        seen: () => said.all,
      });
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Empty: it was removed with its project. */
const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function onlyDocument({ stdout, stderr }: { stdout: string; stderr: string }): unknown {
  if (!/^[^\n]+\n$/.test(stdout))
    throw new Error(`not one line of JSON on stdout: ${JSON.stringify(stdout)}\nstderr: ${stderr}`);
  return JSON.parse(stdout);
}
