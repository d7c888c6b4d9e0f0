/** Checks of the machine: Node, process-compose, git, flock. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnvironment } from '../../core/environment.ts';
import { isAtLeast } from '../../core/doctor.ts';
import { flock } from '../../io/flock.ts';
import { temporaryDirectory } from '../../io/temporary-directory.ts';
import { runBriefly } from '../../io/run-briefly.ts';
import { locateBinary } from '../../supervisor/process-compose/binary/locate-binary.ts';
import { findDevenv } from '../../supervisor/devenv-evaluation/find-devenv.ts';
import { withoutGit } from '../../watch/content-id/git.ts';
import type { Finding } from './check.ts';
import { failed, fine, note, problem } from './check.ts';

/** As package.json says. */
const wantedNode = '22.22';

export const checkNode = (version = process.versions.node): Finding =>
  isAtLeast(version, wantedNode)
    ? fine(`${version} (${process.execPath})`)
    : problem(`${version}, older than ${wantedNode}`, `install Node ${wantedNode} or newer`);

/** Its CLI looks for updates on every call, so it is given a proxy that does not exist. */
const offline = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };
/** Or it would open its log in TMPDIR, and ends where that cannot be written. */
const unlogged = { PC_LOG_FILE: '/dev/null' };
const askMs = 5_000;

/** @param running the executable of the running server; null: nothing runs. */
export async function checkProcessCompose(running: string | null, env: NodeJS.ProcessEnv): Promise<Finding> {
  const { found, tried, build } = locateBinary(running, env);
  if (found) {
    const argv = [found.path, 'version', '--short'] as const;
    const answer = await runBriefly(argv, {
      cwd: '/',
      env: { ...env, ...offline, ...unlogged },
      timeoutMs: askMs,
    });
    const where = `${found.path} (${found.from === 'running' ? 'the running one' : found.from})`;
    return answer.ok
      ? fine(`${answer.value.stdout.trim() || 'unknown version'}, ${where}`)
      : problem(
          `${where} does not run: ${'stderr' in answer.failure ? answer.failure.stderr.trim() : ''}`,
          'reinstall it',
        );
  }
  const where = tried.join('; ');
  if (typeof build === 'string')
    return problem(`none: ${where}; ${build}`, 'put process-compose, or Go 1.24 or newer, on PATH');
  return note(
    `none yet (${where}): the first start builds v${build.module.version} with ${build.go}, in about 90 s`,
  );
}

/** The program that evaluates and starts a devenv project; process-compose comes with it. */
export async function checkDevenv(env: NodeJS.ProcessEnv): Promise<Finding> {
  const found = findDevenv(stackEnvironment(env));
  if (!found.ok)
    return failed(found.failure, 'install devenv, or set `backend: process-compose` in upkeep.yaml');
  const answer = await runBriefly([found.value, 'version'], { cwd: '/', env, timeoutMs: 2 * askMs });
  return answer.ok
    ? fine(`${answer.value.stdout.trim()}, ${found.value}`)
    : problem(
        `${found.value} does not run: ${'stderr' in answer.failure ? answer.failure.stderr.trim() : ''}`,
        'reinstall it',
      );
}

export async function checkGit(root: string, gitDir: string | null): Promise<Finding> {
  const answer = await runBriefly(['git', 'rev-parse', '--is-inside-work-tree'], {
    cwd: root,
    env: withoutGit(process.env),
    timeoutMs: askMs,
  });
  if (answer.ok) return fine(`reads ${root}`);
  const error = 'stderr' in answer.failure ? answer.failure.stderr.trim() : answer.failure.reason;
  if (/dubious ownership/.test(error))
    return problem(
      `refuses ${root}: it belongs to another user`,
      `if you trust it: git config --global --add safe.directory ${root}`,
    );
  if (/ENOENT/.test(error))
    return problem('there is no git on PATH', 'install git: it tells which files changed');
  if (gitDir === null) return note('no repository here: records are kept in the home directory');
  return problem(`cannot read ${root}: ${error}`, 'see what `git status` says there');
}

/** Tried, not looked up: flock, perl or python may do the locking. */
export async function checkFlock(): Promise<Finding> {
  const directory = temporaryDirectory();
  if (directory === null)
    return problem(
      `not tried: nothing can be written to ${tmpdir()}`,
      'make room there, or name another TMPDIR',
    );
  const fd = openSync(join(directory, 'lock'), 'w');
  try {
    const taken = await flock(fd, { waitMs: 1_000 });
    if (taken.ok && taken.value) return fine('locks');
    const next = 'install util-linux (flock) or perl: the lock keeps two commands from acting at once';
    return taken.ok ? problem('does not lock', next) : failed(taken.failure, next);
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  }
}
