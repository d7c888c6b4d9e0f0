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
      task('web', { after: ['devenv:processes:migrate@completed', 'devenv:enterShell'], cwd: 'sub' }),
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
        dependsOn: [{ name: 'migrate', condition: 'process_completed' }],
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

  test('has a process with a given port or a socket probed by a connection', () => {
    const tasks = read(
      task('given', {}, { ports: { http: 3001 }, ready: null }),
      task('socket', {}, { listen: [{ name: 'http', kind: 'tcp', address: '127.0.0.1:3002' }] }),
      task('unix', {}, { listen: [{ name: 'admin', kind: 'unix_stream', path: '/s' }] }),
    );
    expect(nativeServices(tasks, '/p')).toMatchObject([
      { name: 'given', hasReadinessProbe: true, probe: 'a connection to its port' },
      { name: 'socket', hasReadinessProbe: true, probe: 'a connection to its port' },
      { name: 'unix', hasReadinessProbe: false, probe: null },
    ]);
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
  const probed = { ready: { exec: 'true' } };
  const setup = { name: 'app:setup', type: 'oneshot', command: 'true', process: {} };
  test.each([
    [
      'a name that nobody has',
      task('web', { after: ['devenv:processes:nope@started'] }),
      'nope, which does not exist',
    ],
    ['a name that stands for several', task('web', { after: ['devenv:processes'] }), 'which does not exist'],
    [
      'one that it comes before',
      task('web', { before: ['app:nope'] }, probed),
      'before app:nope, which does not',
    ],
    [
      'a process that succeeds',
      task('web', { after: ['devenv:processes:db@succeeded'] }),
      '@started, @ready or @completed',
    ],
    ['a task that is ready', task('web', { after: ['app:setup@ready'] }), 'only a process is ever ready'],
    [
      'a kind that there is not',
      task('web', { after: ['app:setup@done'] }),
      '@started, @ready, @succeeded, @completed',
    ],
    [
      'ready, which nothing tells',
      task('web', { after: ['devenv:processes:bare'] }),
      'nothing tells when devenv:processes:bare is ready',
    ],
    [
      'ready of itself, which nothing tells',
      task('web', { before: ['devenv:processes:db'] }),
      'nothing tells when it is ready',
    ],
    ['a dot in its name', task('web.app'), 'letters, digits'],
  ])('is %s', (_, bad, message) => {
    const checked = checkGraph(read(setup, task('db', {}, probed), task('bare'), bad), '/p');
    const problems =
      !checked.ok && checked.failure.reason === 'stack-config-bad' ? checked.failure.problems : [];
    expect(problems.map((one) => one.message)).toEqual([expect.stringContaining(message)]);
  });

  test('is nothing of what is written as it is meant', () => {
    const tasks = read(
      setup,
      task('db', { before: ['devenv:processes:web', 'app:late@started'] }, probed),
      task('port', {}, { ports: { http: 3000 } }),
      task('web', { after: ['app:setup', 'devenv:processes:port', 'devenv:processes:once@completed'] }),
      task('once', { after: ['devenv:processes:db@ready', 'app:setup@succeeded'] }),
      { name: 'app:late', type: 'oneshot', after: ['devenv:processes:web@started'] },
    );
    expect(checkGraph(tasks, '/p')).toMatchObject({ ok: true });
    expect(tasks.find(({ name }) => name.endsWith(':web'))?.after).toEqual([
      { name: 'app:setup', condition: 'process_completed_successfully' },
      { name: 'devenv:processes:port', condition: 'process_healthy' },
      { name: 'devenv:processes:once', condition: 'process_completed' },
      { name: 'devenv:processes:db', condition: 'process_healthy' },
    ]);
  });

  test('is a circle, of which each name is told', () => {
    const tasks = read(
      task('a', { after: ['devenv:processes:b'] }, probed),
      task('b', { after: ['devenv:processes:c'] }, probed),
      task('c', { before: ['devenv:processes:b'], after: ['devenv:processes:a'] }, probed),
    );
    const checked = checkGraph(tasks, '/p');
    const message =
      !checked.ok && checked.failure.reason === 'stack-config-bad'
        ? checked.failure.problems[0]?.message
        : '';
    for (const name of ['a', 'b', 'c']) expect(message).toContain(`devenv:processes:${name}`);
  });
});
