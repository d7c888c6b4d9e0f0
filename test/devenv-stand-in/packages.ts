/** The packages of the stand-in's nixpkgs: names, and the programs of this machine that they stand for. */
import { join } from 'node:path';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { onPath } from './store.ts';
import { place } from './place.ts';

const programs = join(place, 'programs');

const known: Readonly<Record<string, readonly [name: string, ...programs: string[]]>> = {
  bash: ['bash-5.2p37', 'bash', 'sh'],
  coreutils: ['coreutils-9.7', 'cat', 'date', 'echo', 'env', 'sleep', 'tail', 'timeout', 'touch', 'true'],
  curl: ['curl-8.14.1', 'curl'],
  git: ['git-2.50.1', 'git'],
  gnugrep: ['gnugrep-3.11', 'grep'],
  hello: ['hello-2.12.2'],
  jq: ['jq-1.7.1', 'jq'],
  just: ['just-1.40.0', 'just'],
  netcat: ['netcat-1.226', 'nc'],
  nodejs: ['nodejs-24.4.1', 'node', 'npm', 'npx'],
  postgresql: ['postgresql-17.5', 'postgres', 'pg_ctl', 'initdb', 'psql'],
  python3: ['python3-3.12.11', 'python3'],
  redis: ['redis-8.0.3', 'redis-server', 'redis-cli'],
};

export interface Packages {
  /** By attribute. */
  readonly byName: Readonly<Record<string, string>>;
  readonly bash: string;
  readonly socat: string;
  readonly tasks: string;
  readonly processCompose: string;
}

/** Links and no more: made once a store. */
export function makePackages(store: Store, settings: Settings): Packages {
  const byName = Object.fromEntries(
    Object.entries(known).map(([attribute, [name, ...names]]) => [
      attribute,
      store.package(name, Object.fromEntries(names.map((program) => [program, onPath(program)]))),
    ]),
  );
  const compose = settings.processCompose ?? onPath('process-compose');
  return {
    byName,
    bash: join(byName['bash'] ?? '', 'bin/bash'),
    socat: join(store.package('socat-1.8.0.3', { socat: join(programs, 'socat') }), 'bin/socat'),
    tasks: join(
      store.package(`devenv-tasks-${settings.modules.version}`, {
        'devenv-tasks': join(programs, 'devenv-tasks'),
      }),
      'bin/devenv-tasks',
    ),
    processCompose: join(
      store.package('process-compose-1.87.0', { 'process-compose': compose }),
      'bin/process-compose',
    ),
  };
}
