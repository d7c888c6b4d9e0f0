/** Where devenv keeps what: found from the files alone, for devenv itself may be slow, offline or broken. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from '../../io/hash.ts';
import { readRegularText } from '../../io/read-regular.ts';
import type { Environment } from '../../core/environment.ts';

export const dotfileOf = (root: string): string => join(root, '.devenv');

/** That of the root, and one for each set of profiles that 2.x was called with. */
export function dotfilesOf(root: string): readonly string[] {
  const dotfile = dotfileOf(root);
  const profiles = join(dotfile, 'profiles');
  return [dotfile, ...namesIn(profiles).map((name) => join(profiles, name))];
}

/** A link below `.devenv/gc`, or the script that was run last. */
export interface Built {
  /** Links followed. */
  readonly path: string;
  /** When the link was made, ms; not when the target was built, which in a store is always 1. */
  readonly madeAtMs: number;
}

/** The environment that was evaluated last; null: none was. */
export const builtShell = (root: string, dotfile: string = dotfileOf(root)): Built | null =>
  follow(join(dotfile, 'gc/shell'));

/**
 * The script that starts the processes, the one built last. 1.x names the link `procfilescript`, 2.x adds the attribute; flake
 * users have none, and `.devenv/processes` tells what `devenv up` ran.
 */
export function builtScript(root: string, dotfile: string = dotfileOf(root)): Built | null {
  const directory = join(dotfile, 'gc');
  const links = namesIn(directory)
    .filter((name) => /^procfilescript(?:-|$)/i.test(name))
    .map((name) => follow(join(directory, name)))
    .filter((built) => built !== null);
  const [newest] = links.toSorted((a, b) => b.madeAtMs - a.madeAtMs);
  return newest ?? scriptThatRan(dotfile);
}

function scriptThatRan(dotfile: string): Built | null {
  const path = join(dotfile, 'processes');
  const script = /^exec\s+["']?(\/[^\s"']+)/m.exec(readText(path) ?? '')?.[1];
  const info = lstatSync(path, { throwIfNoEntry: false });
  return script !== undefined && info ? { path: script, madeAtMs: info.mtimeMs } : null;
}

/**
 * Directories in which the sockets of this project may lie, most likely first. `run` is written when a shell is entered and may
 * be stale; the others follow from where devenv was called, and each release asked other variables.
 */
export function runtimeDirectories(root: string, env: Environment): readonly string[] {
  const dotfiles = dotfilesOf(root);
  const runs = dotfiles.map((dotfile) => follow(join(dotfile, 'run'))?.path ?? '');
  const uid = process.getuid?.() ?? 0;
  const bases = [env['XDG_RUNTIME_DIR'], `/run/user/${uid}`, env['TMPDIR'], '/tmp'];
  const computed = bases.flatMap((base) =>
    // Those who use the flake without the CLI get the hash of the state directory.
    [...dotfiles, join(dotfileOf(root), 'state')].map((path) =>
      base ? join(base, `devenv-${shortHash(path)}`) : '',
    ),
  );
  return [...new Set([...runs, ...computed])].filter((path) => path !== '');
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 7);

function follow(link: string): Built | null {
  try {
    return { path: realpathSync(link), madeAtMs: lstatSync(link).mtimeMs };
  } catch {
    return null; // not there, or its target was collected
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** null: it cannot be read, or not without waiting. */
export function readText(path: string): string | null {
  try {
    return readRegularText(path);
  } catch {
    return null;
  }
}

/** Whether `path` lies in what devenv writes into the project itself. */
export const isDevenvsOwn = (root: string, path: string): boolean =>
  path.startsWith(`${dotfileOf(root)}/`) || (dirname(path) === root && /\/\.devenv(?:\.|$)/.test(path));
