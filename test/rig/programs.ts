/** Programs of the system that a test runs for real. Where one is missing the test is skipped with the reason; in CI it fails. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { TestRunner } from 'vitest';

/** Those that a fresh Debian lacks. */
const optional = ['tmux', 'nix-instantiate', 'redis-server', 'nginx', 'ps', 'lsof'];

const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Its absolute path. Missing: ends the running test, as skipped, or where CI is set as failed. */
export function program(name: string): string {
  const found = find(name);
  if (found !== null) return found;
  const reason = `${name} is not installed: \`bash .ci/run\` installs it`;
  if (!process.env['CI']) TestRunner.getCurrentTest()?.context.skip(reason);
  throw new Error(reason);
}

/** For the top and the end of a run; null: everything is there. */
export function missingPrograms(): string | null {
  const missing = optional.filter((name) => find(name) === null);
  return missing.length === 0
    ? null
    : `NOT INSTALLED: ${missing.join(', ')}. The tests that run them are skipped; \`bash .ci/run\` installs them on Debian.`;
}

const find = (name: string): string | null =>
  places.map((place) => join(place, name)).find(isExecutable) ?? null;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
