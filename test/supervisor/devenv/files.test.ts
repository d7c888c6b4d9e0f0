import { lutimesSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaresProcesses } from '../../../src/supervisor/devenv/declares-processes.ts';
import type { SeenWhile } from '../../../src/supervisor/devenv-evaluation/evaluated.ts';
import {
  isHiddenByOthers,
  isHiddenFromCache,
} from '../../../src/supervisor/devenv-evaluation/hidden-from-cache.ts';
import { namedInputs, nixInputs, sharedInputs } from '../../../src/supervisor/devenv-evaluation/inputs.ts';
import { builtScript, runtimeDirectories } from '../../../src/supervisor/devenv-evaluation/places.ts';
import { refusedKeys } from '../../../src/supervisor/devenv/refused-keys.ts';
import { shellEnvironment } from '../../../src/supervisor/devenv-evaluation/shell-environment.ts';
import { readTasks, taskFileIn, withOwnText } from '../../../src/supervisor/devenv-evaluation/tasks.ts';
import type { ServiceDefinition } from '../../../src/core/service.ts';
import { writtenFiles } from '../../rig/written-files.ts';

describe('named inputs', () => {
  it('are the core files, missing ones included, and what the last evaluation read, less what is devenv’s own', () => {
    using files = writtenFiles({});
    const listed = [
      files.path('.devenv/bootstrap/default.nix'),
      files.path('.devenv.flake.nix'),
      '/nix/store/x-source/a.nix',
      files.root,
      '/tmp',
      files.path('devenv.nix'),
      files.path('nix/db.nix'),
      files.path('package.json'),
      '/home/me/shared.nix',
    ];
    files.write({ '.devenv/input-paths.txt': listed.join('\n') });
    const inputs = namedInputs(files.root);
    const core = [
      'devenv.nix',
      'devenv.yaml',
      'devenv.lock',
      'devenv.local.nix',
      'devenv.local.yaml',
      'secretspec.toml',
      '.env',
    ];
    const more = [files.path('nix/db.nix'), files.path('package.json'), '/home/me/shared.nix'];
    expect(inputs).toEqual([...core.map(files.path), ...more]);
    // A service may run on what the evaluation merely read.
    expect(sharedInputs(files.root, inputs)).toEqual([files.path('package.json')]);
  });

  it('are all that lies in a directory which it read, for that may be copied, and the devenv.yaml of an import', () => {
    using files = writtenFiles({
      'conf/x': '1',
      'conf/sub/y.nix': '{',
      'conf/node_modules/z.js': '',
      '.devenv/imports.txt': './sub\n../other\nnixpkgs/x\n./some.nix',
    });
    files.write({ '.devenv/input-paths.txt': files.path('conf') });
    expect(namedInputs(files.root).slice(7)).toEqual([
      files.path('sub/devenv.yaml'),
      files.path('../other/devenv.yaml'),
      ...['conf', 'conf/sub', 'conf/x', 'conf/sub/y.nix'].map(files.path),
    ]);
    // What is copied need not parse.
    expect(nixInputs(files.root)).toEqual(['devenv.nix', 'devenv.local.nix'].map(files.path));
    files.write(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`conf/many/${n}`, ''])));
    expect(namedInputs(files.root)).toContain(files.path('conf'));
    expect(namedInputs(files.root)).not.toContain(files.path('conf/x'));
  });
});

describe('the evaluation cache of devenv', () => {
  const seen: SeenWhile = {
    beganMs: 100_200,
    endedMs: 102_900,
    inputs: [
      { path: '/p/devenv.nix', digest: 'a', mtimeS: 90 },
      { path: '/p/devenv.local.nix', digest: 'absent', mtimeS: null },
    ],
  };
  const listed = new Set(['/p/devenv.nix', '/p/devenv.local.nix', '/p/conf']);
  it.each([
    ['nothing changed', { path: '/p/devenv.nix', digest: 'a', mtimeS: 90 }, false],
    ['an edit in another second', { path: '/p/devenv.nix', digest: 'b', mtimeS: 91 }, false],
    ['an edit in the second that it knows', { path: '/p/devenv.nix', digest: 'b', mtimeS: 90 }, true],
    [
      'a file that appeared while it evaluated',
      { path: '/p/devenv.local.nix', digest: 'b', mtimeS: 102 },
      true,
    ],
    ['a file that appeared later', { path: '/p/devenv.local.nix', digest: 'b', mtimeS: 103 }, false],
    ['a file that went away', { path: '/p/devenv.nix', digest: 'absent', mtimeS: null }, false],
    ['a touch', { path: '/p/devenv.nix', digest: 'a', mtimeS: 102 }, false],
    ['an edit below a directory that it knows', { path: '/p/conf/x', digest: 'b', mtimeS: 110 }, true],
    ['a file that became a directory', { path: '/p/devenv.local.nix', digest: 'dir:b', mtimeS: 110 }, true],
    ['devenv.local.yaml', { path: '/p/devenv.local.yaml', digest: 'b', mtimeS: 110 }, true],
    ['.env, which it reads or does not', { path: '/p/.env', digest: 'b', mtimeS: 110 }, false],
  ])('%s: hidden from it?', (_, input, hidden) => {
    expect(isHiddenFromCache([seen], [input], listed)).toBe(hidden);
  });

  it('may hide what was written just before somebody else’s evaluation ended', () => {
    const at = (mtimeS: number) => [{ path: '/p/devenv.nix', digest: 'a', mtimeS }];
    expect([94, 95, 100, 101].map((second) => isHiddenByOthers(100_500, at(second), listed))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const unlisted = [{ path: '/p/conf/x', digest: 'a', mtimeS: 200 }];
    expect(isHiddenByOthers(100_500, unlisted, listed)).toBe(true);
  });
});

describe('what devenv left on disk', () => {
  it('the script built last, whatever the release calls its link', () => {
    using files = writtenFiles({
      old: '1',
      new: '2',
      '.devenv/processes': '#!/usr/bin/env bash\nexec /nix/store/x-devenv-up web\n',
    });
    expect(builtScript(files.root)?.path).toBe('/nix/store/x-devenv-up');
    mkdirSync(files.path('.devenv/gc'));
    symlinkSync(files.path('old'), files.path('.devenv/gc/procfilescript'));
    expect(builtScript(files.root)?.path).toBe(files.path('old'));
    lutimesSync(files.path('.devenv/gc/procfilescript'), 1_000, 1_000);
    symlinkSync(files.path('new'), files.path('.devenv/gc/procfilescript-devenv-config-procfileScript'));
    expect(builtScript(files.root)?.path).toBe(files.path('new'));
    files.remove('new');
    expect(builtScript(files.root)?.path).toBe(files.path('old'));
  });

  it('the runtime directories that any release would use', () => {
    const directories = runtimeDirectories('/root/p', { XDG_RUNTIME_DIR: '/x', TMPDIR: '/t' });
    // sha256 of /root/p/.devenv, cut to seven.
    const [first = ''] = directories;
    expect(first).toMatch(/^\/x\/devenv-[0-9a-f]{7}$/);
    expect(directories).toContain(first.replace('/x/', '/t/'));
    expect(directories).toContain(first.replace('/x/', '/tmp/'));
  });
});

describe('a devenv.nix declares processes', () => {
  it.each([
    ['{ processes.web.exec = "x"; }', true],
    ['{ processes = { web.exec = "x"; }; }', true],
    ['{ services.postgres.enable = true; }', true],
    ['{ # processes.web.exec = "x";\n packages = [ ]; }', false],
    ['{ /* services.redis.enable = true; */ languages.go.enable = true; }', false],
    ['{ env.MY_processes = "1"; }', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    using files = writtenFiles({ 'devenv.nix': text });
    expect(declaresProcesses(files.root)).toBe(expected);
  });

  it('in a file that it imports', () => {
    using files = writtenFiles({
      'devenv.nix': '{ imports = [ ./nix/db.nix ./backend ]; }',
      'nix/db.nix': '{ }',
      'backend/devenv.nix': '{ services.redis.enable = true; }',
    });
    expect(declaresProcesses(files.root)).toBe(true);
  });

  it('in a file that devenv.yaml imports', () => {
    using files = writtenFiles({
      'devenv.nix': '{ }',
      'devenv.yaml': 'imports:\n  - ./backend\n',
      'backend/devenv.nix': '{ processes.a.exec = "x"; }',
    });
    expect(declaresProcesses(files.root)).toBe(true);
  });
});

describe('the environment that was evaluated', () => {
  it('is read from bash', () => {
    const text = `unset shellHook\nDEVENV_ROOT='/p'\nexport DEVENV_ROOT\nA='it'\\''s\ntwo lines'\nexport B="a \\"b\\" \\$c"\ndeclare -x C="d"\nPATH=/x/bin:"$PATH"\nf() {\n  local x=1\n}\n`;
    expect(shellEnvironment(text)).toMatchObject({
      DEVENV_ROOT: '/p',
      A: "it's\ntwo lines",
      B: 'a "b" $c',
      C: 'd',
    });
  });

  it('and from the JSON that Nix keeps', () => {
    const text = JSON.stringify({
      variables: { DEVENV_TASK_FILE: { type: 'exported', value: '/t' }, xs: { type: 'array', value: [] } },
    });
    expect(shellEnvironment(text)).toEqual({ DEVENV_TASK_FILE: '/t' });
    expect(shellEnvironment('{ broken')).toEqual({});
  });
});

describe('what a process really runs', () => {
  const service = (command: string): ServiceDefinition => ({
    name: 'web',
    command,
    workingDirectory: '/p',
    dependsOn: [],
    awaitedToComplete: false,
    hasReadinessProbe: false,
    probe: null,
    ports: [],
    disabled: false,
    watchedByManager: false,
    restart: 'no',
    successExitCodes: [],
    shutdown: { command: null, timeoutMs: null, signal: 15 },
    script: null,
  });

  it('stands in a script that tasks.json names', () => {
    using files = writtenFiles({ 'web.sh': '#!/nix/store/x-bash/bin/bash\nset -e\nnode server.js\n' });
    const tasks = [
      {
        name: 'devenv:processes:web',
        command: files.path('web.sh'),
        cwd: 'backend',
        process: { ports: { http: 8080 }, watch: { paths: ['src'] } },
      },
    ];
    files.write({ 'tasks.json': JSON.stringify(tasks) });
    const command = `exec /nix/store/x/bin/devenv-tasks run --task-file ${files.path('tasks.json')} --mode all devenv:processes:web`;
    expect(taskFileIn([command])).toBe(files.path('tasks.json'));
    expect(withOwnText(service(command), readTasks(JSON.stringify(tasks)), '/p')).toMatchObject({
      command: 'set -e\nnode server.js',
      workingDirectory: '/p/backend',
      ports: [8_080],
      watchedByManager: true,
    });
  });

  it('or in the script that the YAML of an older release runs', () => {
    using files = writtenFiles({ 'web.sh': '#!/bin/bash\nexec vite\n' });
    expect(withOwnText(service(`exec ${files.path('web.sh')}`), new Map(), '/p').command).toBe('exec vite');
  });

  it('or in the YAML, where nothing else is known', () => {
    expect(
      withOwnText(service('exec devenv-tasks run devenv:processes:web'), readTasks('nonsense'), '/p').command,
    ).toContain('devenv-tasks');
  });
});

describe('a key that process-compose refuses', () => {
  it('is named in devenv.nix, at its line', () => {
    using files = writtenFiles({
      'devenv.nix': '{\n  processes.web = {\n    exec = "x";\n    process-compose.comand = "y";\n  };\n}\n',
    });
    const failure = {
      reason: 'stack-config-bad',
      problems: [
        { file: '/nix/store/x.yaml', line: 3, message: "unknown key 'comand' found in process 'web'" },
      ],
      untouched: true,
    } as const;
    expect(refusedKeys(files.root, failure)).toMatchObject({
      problems: [
        { file: join(files.root, 'devenv.nix'), line: 4, message: expect.stringContaining('comand') },
      ],
    });
  });
});
