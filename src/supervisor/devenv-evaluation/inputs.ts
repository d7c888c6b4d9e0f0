/** Every file that shapes a devenv configuration, those included that are missing now and would count. */
import { basename, join, relative, sep } from 'node:path';
import { digestInput } from '../input-digests.ts';
import { dotfileOf, dotfilesOf, isDevenvsOwn, readText } from './places.ts';

const coreNames = [
  'devenv.nix',
  'devenv.yaml',
  'devenv.lock',
  'devenv.local.nix',
  'devenv.local.yaml',
  '.env',
];

/** What a person writes for devenv: each a file, where it is there. */
export const writtenFiles = (root: string): readonly string[] =>
  coreNames.filter((name) => /\.(?:nix|yaml)$/.test(name)).map((name) => join(root, name));

/**
 * Absolute, without repetition. What the last evaluation read stands in `.devenv/input-paths.txt`, one a line; devenv's own
 * files and the store are in it too, and say nothing of the project.
 */
export function namedInputs(root: string): readonly string[] {
  const core = coreNames.map((name) => join(root, name));
  const listed = dotfilesOf(root)
    .flatMap((dotfile) => (readText(join(dotfile, 'input-paths.txt')) ?? '').split('\n'))
    .filter((path) => path.startsWith('/') && !isElsewhere(root, path));
  return [...new Set([...core, ...listed])];
}

/** A directory above the root would ring for everything; so would the root, which devenv lists itself. */
const isElsewhere = (root: string, path: string): boolean =>
  path.startsWith('/nix/store/') ||
  isDevenvsOwn(root, path) ||
  path === dotfileOf(root) ||
  `${root}/`.startsWith(path.endsWith('/') ? path : `${path}/`);

/** Files of the tree that the evaluation reads without being configuration: a service may run on them as well. */
export const sharedInputs = (root: string, inputs: readonly string[]): readonly string[] =>
  inputs.filter((path) => {
    const outside = relative(root, path).startsWith(`..${sep}`);
    return !outside && !/\.nix$|^\.env$|^(?:devenv|flake)\.(?:local\.)?(?:yaml|lock)$/.test(basename(path));
  });

/** Services read it themselves, also where devenv does not: its content counts. Secrets: the digest alone is kept. */
export const dotenvDigest = (root: string): string => digestInput(join(root, '.env'));
