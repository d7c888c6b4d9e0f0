/** Digests the inputs of a configuration, to tell later whether they still are what was validated. */
import { readdirSync } from 'node:fs';
import { createHash } from '../io/hash.ts';
import { readRegular } from '../io/read-regular.ts';

/** sha256 of each file, `absent` for a missing one, `special` for what is neither file nor directory. */
export function digestInputs(inputs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(inputs.map((path) => [path, digestInput(path)]));
}

/** True while every input still is what was validated. */
export const unchanged = (digests: ReadonlyMap<string, string>): boolean =>
  [...digests].every(([path, was]) => digestInput(path) === was);

/** The digest of one input; of a directory, the names in it, as an evaluation that lists it sees them. */
export function digestInput(path: string): string {
  try {
    return createHash('sha256').update(readRegular(path)).digest('hex');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFILE') return 'special'; // a fifo that appears is news: whoever reads it may wait for ever
    return code === 'EISDIR' ? namesIn(path) : 'absent';
  }
}

function namesIn(directory: string): string {
  try {
    return `dir:${createHash('sha256').update(readdirSync(directory).toSorted().join('\0')).digest('hex')}`;
  } catch {
    return 'absent';
  }
}
