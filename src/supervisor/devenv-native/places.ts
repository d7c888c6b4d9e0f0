/** Where devenv's native manager keeps what, and the files of its evaluation. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import type { Built } from '../devenv-evaluation/places.ts';
import { dotfilesOf, runtimeDirectories } from '../devenv-evaluation/places.ts';

const socketName = 'native.sock';

export const nativeEndpoint = (runtime: string): Endpoint => ({
  kind: 'unix',
  path: join(runtime, 'processes', socketName),
});

/** The one name that the manager gives its socket. */
export const isNativeEndpoint = (endpoint: Endpoint): boolean =>
  endpoint.kind === 'unix' && endpoint.path.endsWith(`/processes/${socketName}`);

export const pidFileOf = (endpoint: Endpoint): string | null =>
  endpoint.kind === 'unix' ? join(dirname(endpoint.path), 'native-manager.pid') : null;

/**
 * Where a manager of this project would listen. `.devenv/run` may have come along with a copy of another project: only a
 * directory that bears this project's hash is believed.
 */
export function nativeEndpoints(root: string, env: Environment): readonly Endpoint[] {
  const directories = runtimeDirectories(root, env);
  const computed = directories.filter((path) => !isRunLink(root, path));
  const names = new Set(computed.map((path) => basename(path)));
  return directories.filter((path) => names.has(basename(path))).map(nativeEndpoint);
}

function isRunLink(root: string, path: string): boolean {
  try {
    return dotfilesOf(root).some((dotfile) => realpathSync(join(dotfile, 'run')) === path);
  } catch {
    return false; // no such link
  }
}

/** The task file that was evaluated last; 2.x names the link `task-config-devenv-config-task-config`. */
export function builtTasks(dotfile: string): Built | null {
  const directory = join(dotfile, 'gc');
  const links = namesIn(directory)
    .filter((name) => /^task-config(?:-|$)/.test(name))
    .flatMap((name) => follow(join(directory, name)) ?? []);
  return links.toSorted((a, b) => b.madeAtMs - a.madeAtMs)[0] ?? null;
}

/** The bash that devenv runs things with; by its name where devenv has left no link yet. */
export function bashOf(dotfile: string): string {
  const link = follow(join(dotfile, 'bash-bash'));
  return link ? join(link.path, 'bin/bash') : 'bash';
}

function follow(link: string): Built | null {
  try {
    return { path: realpathSync(link), madeAtMs: lstatSync(link).mtimeMs };
  } catch {
    return null; // its target was collected
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
