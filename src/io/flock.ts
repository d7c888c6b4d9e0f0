/** The door to flock(2): Node has none, so another program locks a descriptor that it inherits from us. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { isByTerminal } from './by-terminal.ts';
import type { LockProgram } from './lock-programs.ts';
import { lockPrograms } from './lock-programs.ts';

export interface FlockOptions {
  /** Default: one try. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  /** The first one that is installed is used. */
  readonly programs?: readonly LockProgram[];
}

/**
 * Lock `fd`, waiting up to `waitMs`. The lock sits on the open file description: it stays with our descriptor after the program
 * has gone, and ends with us, SIGKILL included. false: somebody else has it, or `signal` was aborted.
 *
 * Every program takes the same kernel lock, so two callers exclude each other whatever is on their PATHs. There is no fallback to
 * a file with a pid in it: that would be another lock, and from another pid namespace nobody can tell whether the pid is alive.
 * Fails with `binary-missing`.
 */
export async function flock(fd: number, options: FlockOptions = {}): Promise<Result<boolean>> {
  const { waitMs = 0, signal, programs = lockPrograms } = options;
  const deadline = performance.now() + waitMs;
  const isOver = (): boolean => signal?.aborted === true || performance.now() >= deadline - slackMs;
  for (const program of programs) {
    let answer = await ask(program, fd, { waitMs, ...(signal ? { signal } : {}) });
    if (answer === 'absent') continue;
    // busybox's flock cannot wait: it prints its usage, and ends as if somebody had the lock.
    while (answer === 'taken' && !isOver()) {
      await sleep(retryMs);
      answer = await ask(program, fd, { waitMs: 0 });
    }
    if (answer === 'broken') return missing(`${program.name} does not lock.`);
    return ok(answer === 'locked' && !signal?.aborted);
  }
  return missing(`there is none of ${programs.map(({ name }) => name).join(', ')}.`);
}

const slackMs = 50;
const retryMs = 20;

type Answer = 'locked' | 'taken' | 'absent' | 'broken';

function ask(
  { name, args }: LockProgram,
  fd: number,
  { waitMs, signal }: { waitMs: number; signal?: AbortSignal },
): Promise<Answer> {
  // Not execa, which resolves several ms after the program's end: those would add to the time from a save to the restart.
  const child = spawn(name, args(waitMs), {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    timeout: waitMs + 5_000,
    ...(signal ? { signal } : {}),
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(signal?.aborted ? 'taken' : 'absent'));
    child.on('exit', (code, by) => {
      const isOver = code === 1 || signal?.aborted === true || isByTerminal(by);
      resolve(code === 0 ? 'locked' : isOver ? 'taken' : 'broken');
    });
  });
}

const missing = (what: string): Result<never> => {
  const detail = `${what} Install util-linux (flock), perl or python3.`;
  return fail({ reason: 'binary-missing', program: 'flock', tried: ['PATH'], detail });
};
