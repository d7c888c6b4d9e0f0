/** The door to processes that outlive us: in a session of their own, with nothing of the caller's open. */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { unwritable } from './unwritable.ts';

/** Descriptor of the canary file in every process of a stack; ≥ 16 because libuv closes 0–15 on exec. */
export const canaryFd = 63;

export interface LaunchOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /**
   * stderr goes here, appended; a file, not a pipe: the parent may leave at once. stdout goes nowhere: a headless
   * process-compose repeats there every line of every service, for ever.
   */
  readonly errorFile: string;
  /** Where stdout and stderr go instead; truncated first. */
  readonly outputFile?: string;
  /** Opened and passed as descriptor 63. */
  readonly canaryFile: string;
}

export interface Launched {
  readonly pid: number;
  /** Resolves when the process ends, as long as we live. Never rejects. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
}

/** execa's types only know descriptors 3–9; at run time any number works. */
type Descriptor = 3;

/** Starts `argv` in a session of its own. Fails with `command-failed` (could not be started) or `state-unwritable`. */
export async function launch(
  argv: readonly [string, ...string[]],
  options: LaunchOptions,
): Promise<Result<Launched>> {
  const { execa } = await import('execa');
  const opened: number[] = [];
  const open = (path: string, flags: string): number => {
    const fd = openSync(path, flags, 0o600);
    opened.push(fd);
    return fd;
  };
  try {
    const { outputFile } = options;
    const errors = outputFile === undefined ? open(options.errorFile, 'a') : open(outputFile, 'w');
    const canary = open(options.canaryFile, 'a');
    const nothing = open('/dev/null', 'r+');
    const child = execa(argv[0], argv.slice(1), {
      cwd: options.cwd,
      env: options.env,
      extendEnv: false,
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
      stdio: [
        'ignore',
        outputFile === undefined ? 'ignore' : (errors as Descriptor),
        errors as Descriptor,
        ...fromThird({ errors, canary, nothing }),
      ],
    });
    const pid = child.nodeChildProcess.pid;
    child.nodeChildProcess.unref();
    const exited = child.then((r) => ({ exitCode: r.exitCode ?? null, signal: r.signal ?? null }));
    if (pid !== undefined) return ok({ pid, exited });
    const { originalMessage } = await child;
    return fail({ reason: 'command-failed', argv, exitCode: null, stderr: originalMessage ?? '' });
  } catch (error) {
    return unwritable(options.outputFile ?? options.errorFile, error);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/**
 * Descriptors from 3 on: the canary, and /dev/null over those that our caller leaked into us; otherwise whoever reads their other
 * end (`$(…)`, bats, CI) would wait for the stack to end.
 */
function fromThird(fds: { errors: number; canary: number; nothing: number }): ('ignore' | Descriptor)[] {
  const leaked = leakedDescriptors(Object.values(fds));
  const last = Math.max(canaryFd, ...leaked);
  const stdio: ('ignore' | Descriptor)[] = [];
  for (let fd = 3; fd <= last; fd += 1)
    stdio.push(leaked.includes(fd) ? (fds.nothing as Descriptor) : 'ignore');
  stdio[canaryFd - 3] = fds.canary as Descriptor;
  return stdio;
}

const closeOnExec = 0o2_000_000;

function leakedDescriptors(own: readonly number[]): number[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => fd > 2 && fd < 1024 && !own.includes(fd) && survivesExec(fd));
  } catch {
    return []; // no /proc: macOS, best effort
  }
}

function survivesExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false; // closed since the listing
  }
}
