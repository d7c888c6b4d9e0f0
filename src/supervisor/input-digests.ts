/** What the inputs of a configuration held when it was validated: by content, because mtimes lie. */
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

/** Of one input; a directory counts by the names in it, as an evaluation that lists it sees it. */
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
