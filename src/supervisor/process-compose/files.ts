/** Finds the process-compose files of a directory; upkeep passes them with -f, instead of letting the server search. */
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText } from '../../io/read-regular.ts';

/** In the order in which process-compose itself prefers them. */
const primaryNames = ['compose.yml', 'compose.yaml', 'process-compose.yml', 'process-compose.yaml'] as const;
const overrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'process-compose.override.yml',
  'process-compose.override.yaml',
] as const;

/** Absolute: the primary file, then its override if there is one. Empty: nothing here declares processes. */
export function discoverFiles(root: string): readonly string[] {
  // Only where nothing else is there: process-compose itself passes over a link to nothing.
  const [primary] = [...candidates(root, primaryNames), ...linksToNothing(root)];
  return primary === undefined ? [] : [primary, ...candidates(root, overrides).slice(0, 1)];
}

/** Names of overrides that would be found beside a primary file of this name; none where files were named by hand. */
export const overrideNames = (primary: string): readonly string[] =>
  (primaryNames as readonly string[]).includes(primary) ? overrides : [];

/** A name under which the server finds a file by itself; `compose.yaml` may be Docker's. */
export const isDefaultName = (name: string): boolean => /^process-compose(?:\.override)?\.ya?ml$/.test(name);

const candidates = (root: string, names: readonly string[]): readonly string[] =>
  names
    .map((name) => join(root, name))
    .filter((path) => existsSync(path) && (isOurs(path) || declaresProcesses(path)));

const linksToNothing = (root: string): readonly string[] =>
  primaryNames.map((name) => join(root, name)).filter((path) => isOurs(path) && isLink(path));

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const isOurs = (path: string): boolean => /[/\\]process-compose\.[^/\\]*$/.test(path);

/** compose.yaml is Docker's name first. A look at the text is enough: a YAML parser would cost each start 30 ms. */
function declaresProcesses(path: string): boolean {
  try {
    return /^(?:processes|"processes"|'processes')\s*:/m.test(readRegularText(path));
  } catch {
    return false;
  }
}
