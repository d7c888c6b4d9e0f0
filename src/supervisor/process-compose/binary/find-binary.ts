/** Decides which process-compose is used: the running stack's own, PATH, the cache, or one built from tools/process-compose. */
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import { fail, ok } from '../../../core/result.ts';
import { build } from './build.ts';
import type { FoundBinary } from './locate-binary.ts';
import { locateBinary } from './locate-binary.ts';

const program = 'process-compose';

export interface FindBinaryOptions {
  /** The executable of the running stack's server; null: nothing runs. */
  readonly running: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** One line for people, before and about every 10 s during a build. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * May take minutes, once per machine and version, when it builds. Idempotent, and safe to run concurrently. Fails with
 * `binary-missing`, which says what was tried and how to get one, or `interrupted`.
 */
export async function findBinary(options: FindBinaryOptions): Promise<Result<FoundBinary>> {
  const located = locateBinary(options.running, options.env);
  if (located.found !== null) return ok(located.found);
  const missing = (last: string, detail = ''): Result<never> =>
    fail({
      reason: 'binary-missing',
      program,
      tried: [...located.tried, last],
      detail: [detail, waysToGetIt].filter(Boolean).join('\n'),
    });
  if (typeof located.build === 'string') return missing(located.build);
  const built = await build({ ...options, ...located.build });
  if (built.ok || built.failure.reason === 'interrupted') return built;
  return missing(`build with ${located.build.go}: ${because(built.failure)}`, buildOutput(built.failure));
}

function because(failure: Failure): string {
  switch (failure.reason) {
    case 'state-unwritable':
      return `cannot write ${failure.path} (${failure.code})`;
    case 'command-failed':
      return failure.exitCode === null ? 'could not be started' : `exited with ${failure.exitCode}`;
    case 'command-timeout':
      return `not done after ${failure.timeoutMs / 60_000} minutes`;
    default:
      return failure.reason;
  }
}

/** The end of go's output, which names the proxy or the module that failed. */
const buildOutput = (failure: Failure): string =>
  failure.reason === 'command-failed' ? failure.stderr.trimEnd().split('\n').slice(-10).join('\n') : '';

const waysToGetIt = [
  'Ways to get it: install process-compose (nixpkgs and Homebrew have it) so that it is on PATH;',
  'or put Go 1.24 or newer on PATH: upkeep then builds it once, in about 90 s, into XDG_CACHE_HOME or ~/.cache.',
].join('\n');
