/** Programs of the system that a test runs for real; one that is missing is an error, never a skipped test. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Its absolute path. Throws with what to install. */
export function program(name: string): string {
  const found = places.map((place) => join(place, name)).find(isExecutable);
  if (found) return found;
  throw new Error(
    `${name} is not installed. .ci/run installs what the tests need: redis-server nginx-light perl tmux`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
