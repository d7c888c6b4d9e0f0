/**
 * Which profiles of devenv.nix a stack has (`devenv --profile backend up`). The environment of whatever devenv started tells its
 * command line, so they stay what they were, whoever restarts; upkeep.yaml decides where it names some.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../core/environment.ts';
import { dotfileOf } from './places.ts';

/** In the order of the command line. What is said of another root says nothing here. */
export function profilesIn(env: Environment, root: string): readonly string[] {
  if (env['DEVENV_ROOT'] !== undefined && env['DEVENV_ROOT'] !== root) return [];
  const [options = ''] = (env['DEVENV_CMDLINE'] ?? '').split(' -- ');
  return [...options.matchAll(/(?:^|\s)(?:--profile|-P)[= ]([^\s-]\S*)/g)].map((match) => match[1] ?? '');
}

/** The options that name them, before the verb. */
export const profileWords = (profiles: readonly string[]): readonly string[] =>
  profiles.flatMap((profile) => ['--profile', profile]);

/** The same environment, its command line of devenv cut down to the profiles. `configured`: from upkeep.yaml. */
export function withProfiles(env: Environment, root: string, configured: readonly string[]): Environment {
  const profiles = configured.length > 0 ? configured : profilesIn(env, root);
  const { DEVENV_CMDLINE: _, ...rest } = env;
  if (profiles.length === 0) return rest;
  return { ...rest, DEVENV_ROOT: root, DEVENV_CMDLINE: ['devenv', ...profileWords(profiles)].join(' ') };
}

/** 2.x keeps what belongs to profiles in a directory of its own, named after all of them; before, they share one. */
export function dotfileFor(root: string, profiles: readonly string[]): string {
  const dotfile = dotfileOf(root);
  const sorted = profiles.toSorted();
  const names = ['-', '_', ',', '+', ''].map((glue) => sorted.join(glue));
  const own = names.map((name) => join(dotfile, 'profiles', name)).find((path) => existsSync(path));
  return profiles.length > 0 && own !== undefined ? own : dotfile;
}

export const dotfileIn = (env: Environment, root: string): string => dotfileFor(root, profilesIn(env, root));
