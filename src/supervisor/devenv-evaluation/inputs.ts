/** Every file that shapes a devenv configuration, those included that are missing now and would count. */
import { basename, join, relative, sep } from 'node:path';
import { digestInput } from '../input-digests.ts';
import { withContents } from './directory-inputs.ts';
import { dotfileOf, dotfilesOf, isDevenvsOwn, readText } from './places.ts';

const coreNames = [
  'devenv.nix',
  'devenv.yaml',
  'devenv.lock',
  'devenv.local.nix',
  'devenv.local.yaml',
  'secretspec.toml',
  '.env',
];

const coreInputs = (root: string): readonly string[] => coreNames.map((name) => join(root, name));

/** What a person writes for devenv: each a file, where it is there. */
export const writtenFiles = (root: string): readonly string[] =>
  coreInputs(root).filter((path) => /\.(?:nix|yaml)$/.test(path));

/** Absolute, without repetition. */
export const namedInputs = (root: string): readonly string[] => [
  ...new Set([...coreInputs(root), ...importedSettings(root), ...listedInputs(root).flatMap(withContents)]),
];

/**
 * What the last evaluation read stands in `.devenv/input-paths.txt`, one a line; devenv's own files and the store are in it too,
 * and say nothing of the project.
 */
export const listedInputs = (root: string): readonly string[] =>
  dotfilesOf(root)
    .flatMap((dotfile) => (readText(join(dotfile, 'input-paths.txt')) ?? '').split('\n'))
    .filter((path) => path.startsWith('/') && !isElsewhere(root, path));

/** Those that are Nix, less what is only copied: that need not even parse. */
export const nixInputs = (root: string): readonly string[] =>
  [...new Set([...coreInputs(root), ...listedInputs(root)])].filter((path) => path.endsWith('.nix'));

/** The devenv.yaml of a directory that is imported counts since 1.10, and is listed nowhere. */
const importedSettings = (root: string): readonly string[] =>
  (readText(join(dotfileOf(root), 'imports.txt')) ?? '')
    .split('\n')
    .filter((path) => /^\.\.?\//.test(path) && !path.endsWith('.nix'))
    .map((path) => join(root, path, 'devenv.yaml'));

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
    return (
      !outside &&
      !/\.nix$|^\.env$|^secretspec\.toml$|^(?:devenv|flake)\.(?:local\.)?(?:yaml|lock)$/.test(basename(path))
    );
  });

/** Services read it themselves, also where devenv does not: its content counts. Secrets: the digest alone is kept. */
export const dotenvDigest = (root: string): string => digestInput(join(root, '.env'));
