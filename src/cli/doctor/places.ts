/** Checks of the places where upkeep keeps things: the state directory, the socket directory, room for a watcher. */
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeInotify } from '../../core/doctor.ts';
import { socketPathLimit } from '../../core/endpoint.ts';
import { isDiskFull } from '../../core/failure.ts';
import type { Project } from '../../core/project.ts';
import { checkPrivateDirectory } from '../../io/private-directory.ts';
import { runBriefly } from '../../io/run-briefly.ts';
import { errorCode } from '../../io/unwritable.ts';
import { readInotify } from '../../processes/inotify.ts';
import type { Finding } from './check.ts';
import { failed, fine, note, problem } from './check.ts';

/** Tried by writing to it; where it does not exist yet, its nearest parent must be writable. */
export function checkState({ stateDir }: Project): Finding {
  const there = existsSync(stateDir);
  const at = there ? stateDir : nearest(stateDir);
  try {
    if (there) writeSomething(at);
    else accessSync(at, constants.W_OK);
  } catch (error) {
    const failure = { reason: 'state-unwritable', path: at, code: errorCode(error) } as const;
    if (isDiskFull(failure)) return failed(failure);
    return problem(
      `${at} cannot be written (${errorCode(error)})`,
      'give this user write access there: without records nothing can be started or stopped safely',
    );
  }
  return fine(there ? stateDir : `${stateDir} (made by the first start)`);
}

/** More than a name: a disk without room still takes those. */
function writeSomething(directory: string): void {
  const tried = mkdtempSync(join(directory, 'doctor-'));
  try {
    writeFileSync(join(tried, 'try'), '1');
  } finally {
    rmSync(tried, { recursive: true });
  }
}

export function checkSockets({ socketDir }: Project): Finding {
  const path = join(socketDir, 'pc.sock');
  if (Buffer.byteLength(path) > socketPathLimit)
    return failed(
      { reason: 'socket-path-too-long', path, limit: socketPathLimit },
      'start the stack from an account with a shorter runtime directory',
    );
  if (!existsSync(socketDir)) return fine(`${socketDir} (made by the first start)`);
  const safe = checkPrivateDirectory(socketDir);
  return safe.ok ? fine(socketDir) : failed(safe.failure, `look at it, then remove it: ls -ld ${socketDir}`);
}

/** @param watching a watcher of this project runs, so it already has what it needs. */
export async function checkInotify(project: Project, watching: boolean): Promise<Finding> {
  const facts = readInotify();
  if (facts === null) return note('this system has no inotify: the watcher polls');
  const directories = watching ? 0 : await countDirectories(project.root);
  if (directories === null)
    return note('not known how many directories there are to watch: git did not answer');
  return judgeInotify({ ...facts, directories });
}

/** Directories that hold something that git does not ignore, as the watcher watches them. */
async function countDirectories(root: string): Promise<number | null> {
  const argv = ['git', 'ls-files', '-z', '-c', '-o', '--exclude-standard'] as const;
  const listed = await runBriefly(argv, { cwd: root, env: process.env, timeoutMs: 20_000 });
  if (!listed.ok) return null;
  const directories = new Set(['.']);
  for (const path of listed.value.stdout.split('\0')) {
    for (let at = dirname(path); !directories.has(at); at = dirname(at)) directories.add(at);
  }
  return directories.size;
}

function nearest(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path));
}
