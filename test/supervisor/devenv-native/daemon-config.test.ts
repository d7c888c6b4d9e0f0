import { expect, test } from 'vitest';
import { daemonConfig } from '../../../src/supervisor/devenv-native/daemon-config.ts';

const task = (name: string, more: object = {}): object => ({ name: `devenv:processes:${name}`, ...more });
const tasks = JSON.stringify([
  { name: 'devenv:enterShell', command: '/nix/store/x' },
  { name: 'app:migrate', after: ['devenv:processes:db@ready'] },
  task('db', { before: ['devenv:processes:web@ready'], process: { ready: { exec: 'true' } } }),
  task('web', { after: ['app:migrate'], process: { start: { enable: false }, ports: { http: 8080 } } }),
  task('mail', { before: ['devenv:processes:web'], process: { start: { enable: false } } }),
  task('docs'),
]);

const config = (names: readonly string[]): Readonly<Record<string, unknown>> | null =>
  daemonConfig({ tasks, names, runtime: '/run/devenv-1', dotfile: '/p/.devenv', bash: '/bin/bash' });

test('a plain start runs every process, each as its task file says', () => {
  expect(config([])).toEqual({
    tasks: JSON.parse(tasks),
    roots: ['db', 'web', 'mail', 'docs'].map((name) => `devenv:processes:${name}`),
    run_mode: 'before',
    runtime_dir: '/run/devenv-1/processes',
    cache_dir: '/p/.devenv/state',
    bash: '/bin/bash',
    ignore_process_deps: false,
  });
  expect(config(['gone'])).toEqual(config([]));
});

test('a start by name runs those, though they are disabled, and what they need, as it is configured', () => {
  const { roots, tasks: chosen } = config(['web', 'gone']) as { roots: unknown; tasks: object[] };
  expect(roots).toEqual(['devenv:processes:web']);
  expect(chosen).toMatchObject([
    {},
    {},
    { process: { start: { enable: true }, ready: { exec: 'true' } } },
    { process: { start: { enable: true }, ports: { http: 8080 } } },
    { process: { start: { enable: false } } },
    { process: { start: { enable: false } } },
  ]);
});

test('what is no task file is none', () => {
  expect(daemonConfig({ tasks: '{', names: [], runtime: '', dotfile: '', bash: '' })).toBeNull();
});
