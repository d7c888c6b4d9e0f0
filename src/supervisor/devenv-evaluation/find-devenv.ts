/** Where devenv is: on the PATH of the stack, on the caller's, or where Nix puts what a user installs. */
import { join } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import type { Result } from '../../core/result.ts';
import { fail, ok } from '../../core/result.ts';
import { homeDirectory, userName } from '../../io/home.ts';
import { isExecutable, onPath } from '../process-compose/binary/executable.ts';

/** Absolute. `binary-missing` with the ways to get it. */
export function findDevenv(env: Environment): Result<string> {
  const found = onPath('devenv', env) ?? onPath('devenv', process.env) ?? profiles(env).find(isExecutable);
  if (found !== undefined) return ok(found);
  return fail({
    reason: 'binary-missing',
    program: 'devenv',
    tried: ['PATH: no devenv', ...profiles(env).map((path) => `no ${path}`)],
    detail: [
      'devenv.nix needs it, and it is not installed.',
      'Ways to get it: `nix profile install nixpkgs#devenv` (https://devenv.sh/getting-started has more);',
      'or `backend: process-compose` in upkeep.yaml, if this project has a process-compose.yaml too.',
      'What runs goes on running; `upkeep stop`, `status` and `logs` work without it.',
    ].join('\n'),
  });
}

const profiles = (env: Environment): readonly string[] =>
  [
    join(homeDirectory(env), '.nix-profile'),
    join(homeDirectory(env), '.local/state/nix/profile'),
    `/etc/profiles/per-user/${env['USER'] ?? userName() ?? 'nobody'}`,
    '/run/current-system/sw',
    '/nix/var/nix/profiles/default',
  ].map((profile) => join(profile, 'bin/devenv'));
