import { describe, expect, it } from 'vitest';
import { buildScript } from '../../../src/supervisor/devenv-evaluation/build-script.ts';
import { hasNoProcesses } from '../../../src/supervisor/devenv-evaluation/no-processes.ts';
import type { WrittenFiles } from '../../rig/written-files.ts';
import { writtenFiles } from '../../rig/written-files.ts';

/** A devenv that writes down what it is called with, and prints the path of `named`, and of `fresh` where it must look anew. */
function devenvThat(named: string, fresh: string): WrittenFiles {
  const files = writtenFiles({ 'store/x-devenv-up': '#!/bin/sh', 'store/x-no-processes': '#!/bin/sh' });
  const lines = [
    '#!/bin/sh',
    `echo "$@" >> ${files.path('calls')}`,
    `case "$*" in *--refresh-eval-cache*) echo ${files.path(fresh)};; *) echo ${files.path(named)};; esac`,
  ];
  files.write({ devenv: lines.join('\n') });
  return files;
}

const build = ({ root, path }: WrittenFiles) =>
  buildScript({ program: path('devenv'), root, env: {}, timeoutMs: 10_000, refresh: false }, path('x-shell'));

describe('the script that devenv builds', () => {
  it('is built anew where Nix has collected what devenv’s cache still names', async () => {
    using files = devenvThat('store/gone-devenv-up', 'store/x-devenv-up');
    expect(await build(files)).toEqual({ ok: true, value: files.path('store/x-devenv-up') });
  });

  it('is looked for twice and no more', async () => {
    using files = devenvThat('store/gone', 'store/gone');
    expect(await build(files)).toMatchObject({ ok: false, failure: { reason: 'evaluation-broke' } });
  });

  it('is none where no processes are declared: 1.x builds one that starts nothing', async () => {
    using files = devenvThat('store/x-no-processes', 'store/x-no-processes');
    expect(await build(files)).toMatchObject({
      failure: { reason: 'stack-config-bad', problems: [{ message: 'no processes are declared' }] },
    });
  });
});

it('the environment tells that there are no processes, where each is a task', () => {
  const tasks = (...names: string[]) => JSON.stringify(names.map((name) => ({ name })));
  const file = { DEVENV_TASK_FILE: '/nix/store/x-tasks.json' };
  expect(hasNoProcesses({ ...file, DEVENV_TASKS: tasks('devenv:enterShell') })).toBe(true);
  expect(hasNoProcesses({ ...file, DEVENV_TASKS: tasks('devenv:enterShell', 'devenv:processes:web') })).toBe(
    false,
  );
  expect(hasNoProcesses({ DEVENV_TASKS: tasks() })).toBe(false);
});
