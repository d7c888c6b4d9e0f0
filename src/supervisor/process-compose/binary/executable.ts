/** Decides which file counts as a program, and finds one by its name on PATH. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** A script with this text in its first kilobyte was put on PATH by upkeep, and would lead back to us. */
export const wrapperMark = 'upkeep-wrapper';

/** A regular, non-empty file that we may execute (symbolic links followed). */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const found = statSync(path);
    return found.isFile() && found.size > 0;
  } catch {
    return false;
  }
}

/** The first real one in `env.PATH`; relative entries are skipped, because they depend on the directory. */
export function onPath(program: string, env: NodeJS.ProcessEnv): string | null {
  const candidates = (env.PATH ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, program));
  return candidates.find((path) => isExecutable(path) && !isOurWrapper(path)) ?? null;
}

function isOurWrapper(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const head = Buffer.alloc(1024);
    const text = head.toString('latin1', 0, readSync(fd, head));
    return text.startsWith('#!') && text.includes(wrapperMark);
  } catch {
    return false; // executable but not readable: a real program
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
