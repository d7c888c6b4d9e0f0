/** The door to git for the content id: bytes in, bytes out, without the caller's GIT_* variables and configuration. */
import { join } from 'node:path';
import type { Result } from '../../core/result.ts';
import { fail } from '../../core/result.ts';
import { runBriefly } from '../../io/run-briefly.ts';
import { run } from '../../io/run.ts';
import type { Repository } from './scope.ts';

/** A first look at a cold disk hashes everything: 100k files took 19 s. */
const timeoutMs = 180_000;

/** The environment without GIT_*: in a git hook, GIT_DIR and GIT_INDEX_FILE are those of the commit under way. */
export function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
}

/** git on our private index. HOME is ours too, because older git does not know GIT_CONFIG_GLOBAL. */
export function privateGit(
  repository: Repository,
  indexFile: string,
  args: readonly string[],
  input?: Uint8Array,
): Promise<Result<string>> {
  const env = {
    ...withoutGit(process.env),
    HOME: repository.indexDir,
    XDG_CONFIG_HOME: repository.indexDir,
    GIT_DIR: repository.indexDir,
    GIT_WORK_TREE: repository.workTree,
    GIT_INDEX_FILE: indexFile,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
  };
  return git(repository, args, env, input ? { input } : {});
}

/**
 * git on the user's repository, found by git itself and never through GIT_DIR: that would switch off its check of who
 * owns it. No fsmonitor (a program of the repository's choice), no global excludes (the id must not depend on HOME).
 */
export function userGit(
  repository: Pick<Repository, 'root' | 'signal'>,
  args: readonly string[],
  more: { readonly input?: Uint8Array; readonly accept?: readonly number[] } = {},
): Promise<Result<string>> {
  const settings = ['-c', 'core.fsmonitor=false', '-c', 'core.excludesFile=/dev/null'];
  return git(repository, [...settings, ...args], withoutGit(process.env), more);
}

async function git(
  { root, signal }: Pick<Repository, 'root' | 'signal'>,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  more: { readonly input?: Uint8Array; readonly accept?: readonly number[] },
): Promise<Result<string>> {
  // A warm look, as in `status`, asks git once: execa need not be loaded for that.
  const plain = more.input === undefined && more.accept === undefined;
  const options = { cwd: root, env, timeoutMs, encoding: 'latin1', ...(signal ? { signal } : {}) } as const;
  const argv = ['git', ...args] as const;
  const result = await (plain ? runBriefly(argv, options) : run(argv, { ...options, ...more }));
  if (result.ok) return { ok: true, value: result.value.stdout };
  const { failure } = result;
  if (failure.reason === 'interrupted') return result;
  if (failure.reason === 'command-timeout') {
    return fail({
      reason: 'git-failed',
      root,
      message: `git ${args.join(' ')} did not end in ${timeoutMs / 1000} s`,
    });
  }
  if (failure.reason !== 'command-failed') return result;
  if (failure.exitCode === null && failure.stderr.includes('ENOENT')) {
    return fail({ reason: 'binary-missing', program: 'git', tried: ['PATH'], detail: failure.stderr });
  }
  const text = Buffer.from(failure.stderr, 'latin1').toString('utf8').trim();
  return fail({
    reason: 'git-failed',
    root,
    message: text || `git ended with ${failure.exitCode ?? 'a signal'}`,
  });
}

/** Splits NUL-terminated paths (latin1), each once. */
export const splitPaths = (output: string): string[] =>
  [...new Set(output.split('\0'))].filter((path) => path !== '');

/** Paths for `--stdin -z`. */
export const joinPaths = (latin1: readonly string[]): Uint8Array =>
  Buffer.from(`${latin1.join('\0')}\0`, 'latin1');

/** `info/exclude` of the repository, which linked work trees share. */
export const sharedExclude = (commonDir: string): string => join(commonDir, 'info', 'exclude');
