import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNativeTasks } from '../../../src/supervisor/devenv-native/native-tasks.ts';
import { checkGraph } from '../../../src/supervisor/devenv-native/refused-graph.ts';
import { nativeServices } from '../../../src/supervisor/devenv-native/services.ts';

const task = (name: string, more: object = {}, process: object = {}) => ({
  name: `devenv:processes:${name}`,
  type: 'process',
  command: `run ${name}`,
  process,
  ...more,
});
const read = (...tasks: readonly object[]) => readNativeTasks(JSON.stringify(tasks)) ?? [];

describe('a task file', () => {
  test('gives its processes as services', () => {
    const tasks = read(
      task('web', { after: ['devenv:processes:migrate@succeeded', 'devenv:enterShell'], cwd: 'sub' }),
      task('migrate', { after: ['devenv:processes:db@ready'] }, { restart: { on: 'never' } }),
      task('db', {}, { ready: { exec: 'pg_isready' }, start: { enable: false }, shutdown: { grace: 7 } }),
      { name: 'devenv:enterShell', type: 'oneshot', command: 'true' },
    );
    expect(nativeServices(tasks, '/p')).toMatchObject([
      { name: 'db', probe: 'exec pg_isready', disabled: true, shutdown: { timeoutMs: 7000 } },
      { name: 'migrate', awaitedToComplete: true, restart: 'no' },
      {
        name: 'web',
        command: 'run web',
        workingDirectory: '/p/sub',
        dependsOn: [{ name: 'migrate', condition: 'process_completed_successfully' }],
        hasReadinessProbe: false,
      },
    ]);
    expect(checkGraph(tasks, '/p').ok).toBe(true);
  });

  test('declares the port of a probe, and none that devenv gives out', () => {
    const ready = (port: number) => ({
      http: { get: { host: '127.0.0.1', port, path: '/up', scheme: 'http' } },
    });
    const tasks = read(
      task('fixed', {}, { ready: ready(3000) }),
      task('given', {}, { ready: ready(3001), ports: { http: { allocate: 3001, value: 3001 } } }),
    );
    expect(nativeServices(tasks, '/p')).toMatchObject([
      { name: 'fixed', probe: 'GET http://127.0.0.1:3000/up', ports: [3000] },
      { name: 'given', hasReadinessProbe: true, ports: [] },
    ]);
  });

  test('with names and conditions that the manager would refuse at its start is refused before', () => {
    const checked = checkGraph(
      read(task('web.app'), task('api', { after: ['devenv:processes:web.app@healthy'] })),
      '/p',
    );
    expect(checked).toMatchObject({
      failure: {
        problems: [
          { message: expect.stringMatching(/web\.app: .*names of letters/) },
          { message: expect.stringMatching(/api: .*@healthy; there are @started/) },
        ],
      },
    });
  });

  test('of any other shape is none, and never throws', () => {
    expect(readNativeTasks('{"tasks":[')).toBeNull();
    expect(readNativeTasks('{"tasks":[]}')).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const tasks = readNativeTasks(JSON.stringify(values)) ?? [];
        nativeServices(tasks, '/p');
        checkGraph(tasks, '/p');
      }),
    );
  });
});

describe('what the manager would refuse', () => {
  test('is a name that nobody has, and no name that stands for several', () => {
    const tasks = read(
      task('web', { after: ['devenv:processes:nope@ready'] }),
      task('api', { after: ['devenv:processes'], before: ['devenv:processes:none'] }),
    );
    const checked = checkGraph(tasks, '/p');
    const problems =
      !checked.ok && checked.failure.reason === 'stack-config-bad' ? checked.failure.problems : [];
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('nope')]);
  });

  test('is a circle, of which each name is told', () => {
    const tasks = read(
      task('a', { after: ['devenv:processes:b'] }),
      task('b', { after: ['devenv:processes:c'] }),
      task('c', { before: ['devenv:processes:b'], after: ['devenv:processes:a'] }),
    );
    const checked = checkGraph(tasks, '/p');
    const message =
      !checked.ok && checked.failure.reason === 'stack-config-bad'
        ? checked.failure.problems[0]?.message
        : '';
    for (const name of ['a', 'b', 'c']) expect(message).toContain(`devenv:processes:${name}`);
  });
});
