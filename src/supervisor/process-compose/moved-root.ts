/** Decides whether a project directory was renamed under its running server, and says its files by the new name. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { markerName, parseMarker } from '../../core/project.ts';
import { sha256 } from '../../io/hash.ts';
import { readServerArguments } from './server-arguments.ts';

/**
 * `argv` of a server that upkeep started, with the old root of its files replaced by `cwd`, which the kernel keeps up to date.
 * The proof: its marker's key is made of the directory that its file lay in, and that directory is gone. Else as it was.
 */
export function followRename(
  argv: readonly string[],
  cwd: string | null,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const key = parseMarker(variables[markerName] ?? '')?.key;
  if (key === undefined || cwd === null) return argv;
  const from = readServerArguments(argv, '/')
    .files.map((file) => dirname(file))
    .find((directory) => sha256(directory).startsWith(key));
  // A directory that was removed, not renamed, is told as `NAME (deleted)`.
  if (from === undefined || from === cwd || existsSync(from) || !existsSync(cwd)) return argv;
  return argv.map((word) => (word.startsWith(`${from}/`) ? join(cwd, relative(from, word)) : word));
}
