/** The fast half of a validation: whether the Nix files parse at all, in milliseconds, where `nix-instantiate` exists. */
import { existsSync } from 'node:fs';
import type { Environment } from '../../core/environment.ts';
import type { ConfigProblem } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { run } from '../../io/run.ts';
import { onPath } from '../process-compose/binary/executable.ts';
import { complaintsIn } from './complaint.ts';
import { readText } from './places.ts';

const timeoutMs = 5_000;

/**
 * `stack-config-bad` with `file:line:column` and the caret line, or `interrupted`. Ok also where nothing can be told: without
 * the program, or when it does not answer; the evaluation tells the same later.
 */
export async function parseNix(
  inputs: readonly string[],
  ask: { root: string; env: Environment; signal?: AbortSignal },
): Promise<Result<void>> {
  const files = inputs.filter((path) => path.startsWith(`${ask.root}/`) && existsSync(path));
  const program = onPath('nix-instantiate', ask.env) ?? onPath('nix-instantiate', process.env);
  if (program === null || files.length === 0) return ok(undefined);
  const ran = await run([program, '--parse', ...files], {
    cwd: ask.root,
    env: ask.env,
    timeoutMs,
    ...(ask.signal ? { signal: ask.signal } : {}),
  });
  if (ran.ok || ran.failure.reason === 'command-timeout') return ok(undefined);
  if (ran.failure.reason !== 'command-failed') return ran;
  const problem = problemIn(ran.failure.stderr);
  return problem ? fail({ reason: 'stack-config-bad', problems: [problem], untouched: true }) : ok(undefined);
}

/** null: it is not about the text of a file, or about syntax that only a newer Nix knows, as devenv brings its own. */
function problemIn(stderr: string): ConfigProblem | null {
  const [complaint] = complaintsIn(stderr);
  const place = complaint?.place;
  if (!complaint || !place || place.line === null) return null;
  if (
    !/syntax error|undefined variable|duplicate|already defined|unexpected|invalid token|path .* trailing slash/i.test(
      complaint.message,
    )
  )
    return null;
  const line = readText(place.path)?.split('\n')[place.line - 1] ?? '';
  if (/\|>|<\|/.test(line)) return null;
  const column = place.column ?? 1;
  return {
    file: place.path,
    line: place.line,
    column,
    message: `${complaint.message}\n${caret(place.line, line, column)}`,
  };
}

/** The line as it stands there, and where in it. */
function caret(number: number, line: string, column: number): string {
  const margin = `    ${number}| `;
  const before = line.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${margin}${line}\n${' '.repeat(margin.length - 2)}| ${before}^`;
}
