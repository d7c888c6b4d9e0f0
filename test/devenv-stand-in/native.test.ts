/** The native manager, as the real one was measured to behave. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow } from '../../src/processes/table.ts';
import type { DeclaredProcess, DevenvOptions, DevenvProject } from '../rig/devenv.ts';
import { devenvProject } from '../rig/devenv.ts';
import { freePort } from '../rig/free-port.ts';
import { eventually } from '../rig/until.ts';
import { ask } from './native/client.ts';

const project = (options: DevenvOptions = {}): Promise<DevenvProject> =>
  devenvProject({ git: false, leftovers: 'end', release: '2.2', ...options });

const directory = (p: DevenvProject): string => `${p.runtime}/processes`;
const files = (p: DevenvProject): readonly string[] => readdirSync(directory(p)).toSorted();
const tell = (p: DevenvProject, request: Record<string, unknown>) => ask(directory(p), request);
const phases = async (p: DevenvProject): Promise<Record<string, string>> => {
  const { processes } = (await tell(p, { command: 'list' })) as {
    processes: { name: string; phase: string }[];
  };
  return Object.fromEntries(processes.map(({ name, phase }) => [name, phase]));
};

const service = (
  p: DevenvProject,
  name: string,
  ...flags: readonly (string | number)[]
): DeclaredProcess => ({
  exec: p.project.services.command(name, ...flags),
});

async function up(p: DevenvProject): Promise<void> {
  const { code, stderr } = await p.devenv(['up', '-d']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

const none = 'No process manager is running. Start processes first with `devenv up -d`';

describe('up -d', () => {
  test('leaves a daemon, its files, and each process in a session of its own', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web') });
    await up(p);
    const run = await p.project.services.next('web');
    expect(files(p)).toEqual([
      'daemon.log',
      'logs',
      'native-manager.pid',
      'native-start.lock',
      'native.sock',
    ]);
    expect(statSync(directory(p)).mode & 0o777).toBe(0o700);
    const text = readFileSync(`${directory(p)}/native-manager.pid`, 'utf8');
    const daemon = readRow(Number(text));
    expect(text).toBe(String(daemon?.pid));
    expect(daemon?.command).toMatch(/^devenv .*daemon-processes \S+\/processes\/daemon-config\.json$/);
    expect(daemon?.group).toBe(daemon?.pid);
    expect(readRow(run.pid)).toMatchObject({ parent: daemon?.pid, session: run.pid, group: run.pid });
    expect(run.env).toMatchObject({
      DEVENV_TASK_FILE: p.target('gc/task-config-devenv-config-task-config'),
      DEVENV_ROOT: p.root,
      DEVENV_RUNTIME: p.runtime,
      DEVENV_SKIP_TASKS: '1',
      DEVENV_CMDLINE: 'up -d',
    });
    expect(Object.keys(run.env).filter((name) => name.startsWith('PC_'))).toEqual([]);
    expect(p.target('gc/shell')).toMatch(/-devenv-shell$/);
    expect(readdirSync(p.at('.devenv')).filter((name) => name.startsWith('processes'))).toEqual([]);

    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(run.alive).toBe(false);
    expect(files(p)).toEqual(['daemon.log', 'logs', 'native-start.lock']);
  });

  test('with a crash-looping process exits with 0 once it gave up', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web'), bad: { exec: 'exit 3' } });
    await up(p);
    await eventually('it gave up', async () => (await phases(p))['bad'] === 'gave_up');
    expect(await tell(p, { command: 'status', name: 'bad' })).toEqual({
      status: 'process_detail',
      info: { name: 'bad', phase: 'gave_up', restart_count: 5, ports: [] },
    });
  });

  test('after an edit moves the links, says that all is running, and restarts nothing; restart takes the old command', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'old') });
    await up(p);
    const old = await p.project.services.next('old');
    const before = p.target('gc/task-config-devenv-config-task-config');
    p.declare({ web: service(p, 'new') });
    const { code, stderr } = await p.devenv(['up', '-d']);
    expect(code).toBe(0);
    expect(stderr).toContain('Already running or waiting: web');
    expect(p.target('gc/task-config-devenv-config-task-config')).not.toBe(before);
    expect(old.alive).toBe(true);
    expect(await p.devenv(['processes', 'restart', 'web'])).toMatchObject({ code: 0 });
    const again = await p.project.services.next('old');
    expect(again.env['DEVENV_TASK_FILE']).toBe(before);
    expect(p.project.services.of('new')).toEqual([]);
    await p.devenv(['processes', 'down']);
    await up(p);
    await p.project.services.next('new');
  });

  test('with a configuration error exits with 1 and starts nothing', async () => {
    await using p = await project({ nix: '{ processes.web.exec = foo; }' });
    expect(await p.devenv(['up', '-d'])).toMatchObject({ code: 1 });
    p.declare({ web: { exec: 'sleep 1', after: ['devenv:processes:nope@ready'] } });
    const { code, stderr } = await p.devenv(['up', '-d']);
    expect(code).toBe(1);
    expect(stderr).toContain('Daemon exited unexpectedly. Logs:');
    expect(p.project.services.runs).toEqual([]);
  });

  test('twice at the same time makes one stack', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web') });
    const both = await Promise.all([p.devenv(['up', '-d']), p.devenv(['up', '-d'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    await p.project.services.next('web');
    expect(p.project.services.of('web')).toHaveLength(1);
  });

  test('of 2.1 refuses while a daemon runs', async () => {
    await using p = await project({ release: '2.1' });
    p.declare({ web: service(p, 'web') });
    await up(p);
    const { code, stderr } = await p.devenv(['up', '-d']);
    expect(code).toBe(1);
    expect(stderr).toContain('Processes already running with PID');
  });
});

describe('the protocol', () => {
  test('lists, tells one, its logs, ports and mode; stops, starts and restarts', async () => {
    await using p = await project();
    const port = await freePort();
    p.declare({
      web: { ...service(p, 'web', '--listen', port), ports: { http: { allocate: port } } },
      t: { exec: 'echo tick; echo tock >&2; exec sleep 100' },
    });
    await up(p);
    const run = await p.project.services.next('web');
    expect(await tell(p, { command: 'list' })).toEqual({
      status: 'process_list',
      processes: [
        { name: 't', phase: 'ready', restart_count: 0, ports: [] },
        { name: 'web', phase: 'ready', restart_count: 0, ports: [`http:${port}`] },
      ],
    });
    expect(await tell(p, { command: 'status', name: 'nope' })).toEqual({
      status: 'error',
      message: "process 'nope' not found",
    });
    const logs = () => tell(p, { command: 'logs', name: 't', lines: 3 });
    await eventually('t has spoken', async () => (await logs())['stderr'] !== '');
    expect(await logs()).toEqual({ status: 'process_logs', stdout: 'tick', stderr: 'tock' });
    expect(await tell(p, { command: 'ports' })).toEqual({
      status: 'port_allocations',
      ports: [{ process_name: 'web', port_name: 'http', port }],
    });
    expect(await tell(p, { command: 'mode' })).toEqual({ status: 'mode', mode: 'daemon' });
    expect(await tell(p, { command: 'stop', name: 't' })).toEqual({ status: 'ok' });
    expect((await phases(p))['t']).toBe('stopped');
    expect(await tell(p, { command: 'stop', name: 't' })).toEqual({
      status: 'error',
      message: "failed to stop process 't': Process t is already stopped, cannot stop",
    });
    expect(await tell(p, { command: 'start', names: ['t', 'nope', 'web'] })).toEqual({
      status: 'start',
      outcome: { scheduled: ['t'], skipped: ['web'], unknown: ['nope'], failed: [] },
    });
    expect(await tell(p, { command: 'restart', name: 'web' })).toEqual({ status: 'ok' });
    await run.ended();
    await p.project.services.next('web');
    expect(await tell(p, { command: 'status', name: 'web' })).toMatchObject({ info: { restart_count: 0 } });
    expect(await tell(p, { command: 'nonsense' })).toMatchObject({
      status: 'error',
      message: expect.stringContaining('invalid request: unknown variant `nonsense`'),
    });
  });

  test('a crash without a probe leaves it in its start, with a log that goes on; after a restart nobody watches it', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web'), off: { exec: 'exit 1', start: { enable: false } } });
    await up(p);
    const first = await p.project.services.next('web');
    await first.print('one');
    first.signal('SIGKILL');
    const second = await p.project.services.next('web');
    await second.print('two');
    const info = { name: 'web', phase: 'starting', restart_count: 1, ports: [] };
    expect(await tell(p, { command: 'status', name: 'web' })).toEqual({ status: 'process_detail', info });
    expect((await phases(p))['off']).toBe('not_started');
    const { stdout } = (await tell(p, { command: 'logs', name: 'web' })) as { stdout: string };
    expect(stdout.split('\n').filter((line) => /^(?:one|two)$/.test(line))).toEqual(['one', 'two']);
    expect(await tell(p, { command: 'restart', name: 'web' })).toEqual({ status: 'ok' });
    const third = await p.project.services.next('web');
    third.signal('SIGKILL');
    await third.ended();
    expect((await phases(p))['web']).toBe('starting');
    expect(p.project.services.of('web')).toHaveLength(3);
  });

  test('wait answers ready also when one exited with 7 and another gave up', async () => {
    await using p = await project();
    p.declare({ once: { exec: 'exit 7', restart: { on: 'never' } }, bad: { exec: 'exit 1' } });
    await up(p);
    await eventually('both are over', async () => {
      const { bad, once } = await phases(p);
      return bad === 'gave_up' && once === 'exited';
    });
    expect(await tell(p, { command: 'wait' })).toEqual({ status: 'ready' });
    expect(await phases(p)).toEqual({ bad: 'gave_up', once: 'exited' });
  });

  test('attach begins with a snapshot and the backlog, then streams', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web'), t: { exec: 'echo tick; exec sleep 100' } });
    await up(p);
    const run = await p.project.services.next('web');
    const socket = connect(`${directory(p)}/native.sock`);
    let text = '';
    socket.setEncoding('utf8').on('data', (more: string) => (text += more));
    socket.write('{"command":"attach"}\n');
    await eventually('the backlog', () => text.includes('"line":"tick"'));
    expect(text).toMatch(/^\{"event":"snapshot","processes":\[/);
    expect(text).toContain('{"event":"log","name":"t","stream":"stdout","line":"tick"}\n');
    await run.print('later');
    await eventually('a new line', () => text.includes('"line":"later"'));
    socket.destroy();
  });

  test('of 2.1 has no mode, and start takes one name', async () => {
    await using p = await project({ release: '2.1' });
    p.declare({ web: service(p, 'web') });
    await up(p);
    expect(await tell(p, { command: 'mode' })).toMatchObject({
      message: expect.stringContaining('unknown variant'),
    });
    expect(await tell(p, { command: 'start', names: ['web'] })).toMatchObject({
      message: expect.stringContaining('missing field'),
    });
    expect(await tell(p, { command: 'start', name: 'web' })).toMatchObject({
      message: expect.stringContaining('already running'),
    });
    expect(await tell(p, { command: 'status', name: 'web' })).toEqual({
      status: 'process_detail',
      info: { name: 'web', phase: 'ready', restart_count: 0 },
    });
  });
});

describe('a foreground session', () => {
  test('works without a terminal; up -d refuses; down ends it', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web') });
    const session = p.begin(['up']);
    const run = await p.project.services.next('web');
    await eventually('it is settled', () => existsSync(`${directory(p)}/native-manager.pid`));
    expect(await tell(p, { command: 'mode' })).toEqual({ status: 'mode', mode: 'foreground' });
    const again = await p.devenv(['up', '-d']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('Processes are already running in a foreground');
    expect(await p.devenv(['up'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Processes already running with PID'),
    });
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(await session.finished).toMatchObject({ code: 0 });
    expect(run.alive).toBe(false);
  });

  test('that is still starting has no pid file: list finds nobody, and up -d starts a second stack', async () => {
    await using p = await project();
    const ready = { exec: `test -e ${p.at('go')}`, period: 0.05 };
    p.declare({ web: { ...service(p, 'web'), ready } });
    const session = p.begin(['up']);
    const first = await p.project.services.next('web');
    expect(await tell(p, { command: 'mode' })).toEqual({ status: 'mode', mode: 'foreground' });
    expect(existsSync(`${directory(p)}/native-manager.pid`)).toBe(false);
    expect(await p.devenv(['processes', 'list'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(none),
    });
    const second = p.begin(['up', '-d']);
    const other = await p.project.services.next('web');
    await eventually(
      'the daemon has the socket',
      async () => (await tell(p, { command: 'mode' }))['mode'] === 'daemon',
    );
    p.write('go', '');
    expect(await second.finished).toMatchObject({ code: 0 });
    expect([first.alive, other.alive]).toEqual([true, true]);
    await p.devenv(['processes', 'down']);
    expect([first.alive, other.alive].filter(Boolean)).toHaveLength(1);
    session.signal('SIGTERM');
    await session.finished;
  });
});

describe('down', () => {
  test('of nothing: exit 1, as list', async () => {
    await using p = await project({ nix: '{ processes.web.exec = "x"; }' });
    for (const verb of ['down', 'list'])
      expect(await p.devenv(['processes', verb])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(none),
      });
  });

  test('of a killed daemon: exit 0, only the pid file goes, the services live on', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web') });
    await up(p);
    const run = await p.project.services.next('web');
    const daemon = readRow(Number(readFileSync(`${directory(p)}/native-manager.pid`, 'utf8')));
    if (daemon) signalProcess(daemon, 'SIGKILL');
    await eventually('it is gone', () => daemon && !isAlive(daemon));
    expect(await p.devenv(['processes', 'list'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await p.devenv(['processes', 'down'])).toMatchObject({ code: 0 });
    expect(files(p)).toContain('native.sock');
    expect(files(p)).not.toContain('native-manager.pid');
    expect(run.alive).toBe(true);
  });

  test('kills a process that ignores TERM after 5 s', async () => {
    await using p = await project();
    p.declare({ web: service(p, 'web', '--ignore-term') });
    await up(p);
    const run = await p.project.services.next('web');
    const { code, ms } = await p.devenv(['processes', 'down']);
    expect(code).toBe(0);
    expect(ms).toBeGreaterThan(4_900);
    expect(run.alive).toBe(false);
  });
});

test('a declared port that a stranger holds moves to the next one, and only list tells', async () => {
  await using stranger = await project({ nix: '{ }' });
  const port = await freePort();
  stranger.declare({ web: service(stranger, 'stranger', '--listen', port) });
  await up(stranger);
  await stranger.project.services.next('stranger');

  await using p = await project();
  const ready = { exec: 'true', period: 0.05 };
  p.declare({ web: { ...service(p, 'web'), ports: { http: { allocate: port } }, ready } });
  await up(p);
  const { ports } = (await tell(p, { command: 'ports' })) as { ports: { port: number }[] };
  expect(ports[0]?.port).toBeGreaterThan(port);
  const { stdout } = await p.devenv(['eval', 'processes.web.ports.http.value']);
  expect(JSON.parse(stdout)).toEqual({ 'processes.web.ports.http.value': port });
  expect((await p.devenv(['processes', 'list'])).stdout).toContain(`http:${ports[0]?.port}`);
});
