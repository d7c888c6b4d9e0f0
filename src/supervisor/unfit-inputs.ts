/** Inputs of a configuration that nobody can read: told in a sentence each, before a program is asked that would wait for them. */
import { basename } from 'node:path';
import type { ConfigProblem } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { fail, ok } from '../core/result.ts';
import { whyUnfit } from '../io/read-regular.ts';
import { isSilentFifo } from '../io/silent-fifo.ts';

/** `stack-config-bad` where one of them is a fifo that nobody fills. Takes a second where it is, and no time where there is none. */
export async function checkWaiting(inputs: readonly string[]): Promise<Result<void>> {
  const silent = await Promise.all(inputs.map(isSilentFifo));
  const problems = inputs
    .filter((_, index) => silent[index])
    .map((file): ConfigProblem => ({
      file,
      message: 'is a fifo that nobody writes to: whoever reads it waits for ever',
      hint: `start what fills it, or put a file in its place${basename(file) === '.env' ? ', or remove it' : ''}`,
    }));
  return problems.length === 0 ? ok(undefined) : bad(problems);
}

/** Files that have to be ones, where they are there: not to be told from the words of whoever trips over them. */
export function checkRegular(files: readonly string[]): Result<void> {
  const problems = files.flatMap((file): ConfigProblem[] => {
    const message = whyUnfit(file);
    return message === null ? [] : [{ file, message }];
  });
  return problems.length === 0 ? ok(undefined) : bad(problems);
}

const bad = (problems: readonly ConfigProblem[]): Result<never> =>
  fail({ reason: 'stack-config-bad', problems, untouched: true });
