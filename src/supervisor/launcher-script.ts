/** The door to the text of an npm script, just recipe or shell script that a service calls: read, and never run. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { lastingCommands } from '../core/command-line.ts';
import { recipeText } from '../core/justfile.ts';
import type { Launcher } from '../core/launcher.ts';
import { launcherOf } from '../core/launcher.ts';
import type { ServiceDefinition } from '../core/service.ts';

type Script = NonNullable<ServiceDefinition['script']>;

const byteLimit = 64 * 1024;

/** The same definitions with `script` filled in where a launcher inside `root` was found and could be read. */
export const addScripts = (
  services: readonly ServiceDefinition[],
  root: string,
): readonly ServiceDefinition[] =>
  services.map((service) => ({ ...service, script: launcherScript(service, root) }));

/** null: the command calls none, or what it calls cannot be found, read or understood. Never throws. */
export function launcherScript(
  service: Pick<ServiceDefinition, 'command' | 'workingDirectory'>,
  root: string,
): Script | null {
  for (const command of lastingCommands(service.command)) {
    const launcher = launcherOf(command);
    if (launcher && launcher.directory !== null) {
      const text = textOf(launcher, resolve(service.workingDirectory, launcher.directory), root);
      return text === null ? null : { from: launcher.from, text };
    }
  }
  return null;
}

function textOf(launcher: Launcher, directory: string, root: string): string | null {
  if (launcher.kind === 'npm') return npmScript(launcher.name, directory, root);
  if (launcher.kind === 'just') return justRecipe(launcher, directory, root);
  const path = resolve(directory, launcher.name);
  const text = isInside(path, root) ? readText(path) : null;
  // With the first line of another interpreter it is not shell text.
  return text !== null && isShell(text) ? text : null;
}

function npmScript(name: string, directory: string, root: string): string | null {
  for (const at of upwards(directory, root)) {
    const text = readText(join(at, 'package.json'));
    if (text === null) continue;
    try {
      const script = (JSON.parse(text) as { scripts?: Record<string, unknown> } | null)?.scripts?.[name];
      return typeof script === 'string' ? script : null;
    } catch {
      return null; // half-written or wrong: npm itself will say so
    }
  }
  return null;
}

function justRecipe(launcher: Launcher, directory: string, root: string): string | null {
  if (launcher.file !== null) {
    const text = readText(resolve(directory, launcher.file));
    return text === null ? null : recipeText(text, launcher.name);
  }
  for (const at of upwards(directory, root)) {
    for (const name of ['justfile', 'Justfile', '.justfile']) {
      const text = readText(join(at, name));
      if (text !== null) return recipeText(text, launcher.name);
    }
  }
  return null;
}

/** The directory and its parents up to `root`; only the directory itself if it lies outside. */
function upwards(directory: string, root: string): readonly string[] {
  const found = [directory];
  for (let at = directory; at !== root && isInside(at, root);) found.push((at = dirname(at)));
  return found;
}

const isInside = (path: string, root: string): boolean => {
  const way = relative(root, path);
  return way === '' || (!way.startsWith('..') && !way.startsWith('/'));
};

const isShell = (text: string): boolean => !text.startsWith('#!') || /^#!.*\b(?:ba|da|z|k|a)?sh\b/.test(text);

/** null: missing, not a regular file, longer than the limit, or not text. Without O_NONBLOCK a fifo would block for ever. */
function readText(path: string): string | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return null;
    const buffer = Buffer.alloc(byteLimit + 1);
    const bytes = buffer.subarray(0, readSync(fd, buffer, 0, byteLimit + 1, 0));
    return bytes.length > byteLimit || bytes.includes(0) ? null : bytes.toString('utf8');
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
