import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headless, onTerminal } from '../rig/external.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** What every stop must leave: no process, no socket, no port. */
async function expectNothingLeft(
  project: TestProject,
  ports: readonly number[],
  socket = project.socket,
): Promise<void> {
  expect(project.services.alive).toEqual([]);
  expect(project.living.map(({ command }) => command)).toEqual([]);
  expect(existsSync(socket)).toBe(false);
  for (const port of ports) expect(await isFree(port)).toBe(true);
  expect(await project.status()).toMatchObject({
    stack: 'down',
    desired: 'down',
    instance: null,
    orphans: [],
  });
}

const quick = { upkeep: { stop: { grace: '400ms' } } };
const socketIn = (project: TestProject) => ({ kind: 'unix', path: join(project.home, 'pc.sock') }) as const;

test('stop ends every service and the supervisor, frees ports and socket; a second one says that nothing ran', async () => {
  await using project = await temporaryProject();
  const [web, db] = [await freePort(), await freePort()];
  project.declareServices({ web, db });
  await project.run(['start', '-d']);
  const stop = await project.run(['stop']);
  expect(stop).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^stopped in /) });
  await expectNothingLeft(project, [web, db]);
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stdout: 'nothing was running\n', stderr: '' });
});

test('stop works with a broken upkeep.yaml and a broken process-compose.yaml', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  project.write('upkeep.yaml', 'sevrices: {}\nwatch: [');
  project.write('process-compose.yaml', 'processes: [');
  const stop = await project.run(['stop']);
  expect(stop.code).toBe(0);
  expect(stop.stderr).toMatch(/warning: upkeep\.yaml has problems/);
  expect(stop.stderr).toMatch(/upkeep\.yaml:\d+:\d+/);
  await expectNothingLeft(project, [port]);
});

test.each([true, false])('stop works when the configuration has disappeared (git: %s)', async (git) => {
  await using project = await temporaryProject({ git });
  const port = await freePort();
  project.declareServices({ web: port });
  const { socket } = project;
  await project.run(['start', '-d']);
  rmSync(join(project.root, 'upkeep.yaml'));
  rmSync(join(project.root, 'process-compose.yaml'));
  expect(await project.status()).toMatchObject({ stack: 'up', services: [{ name: 'web', verdict: 'ok' }] });
  expect(await project.run(['restart'])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('process-compose'),
  });
  expect(project.services.of('web')).toHaveLength(1);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await expectNothingLeft(project, [port], socket);
});

test('two stops at once both succeed', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  const both = await Promise.all([project.run(['stop']), project.run(['stop'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const answers = both.map(({ stdout }) => stdout.trim().split(' in ')[0]);
  expect(answers).toEqual(expect.arrayContaining(['nothing was running', 'stopped']));
  await expectNothingLeft(project, [port]);
});

test('stop ends a headless process-compose that somebody else started', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  const external = await headless(project, socketIn(project));
  await project.services.next('web');
  expect(await project.status()).toMatchObject({ instance: { owner: 'external', pid: external.server.pid } });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await expectNothingLeft(project, [port], socketIn(project).path);
});

test.each([
  ['without --keep-project', [] as const],
  ['with --keep-project', ['--keep-project'] as const],
])('stop ends a process-compose with its TUI in a terminal, %s', async (_, flags) => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  const external = await onTerminal(project, socketIn(project), ...flags);
  await using terminal = external.terminal;
  await project.services.next('web');
  await terminal.shows(/web +/);
  const stop = await project.run(['stop']);
  expect(stop).toMatchObject({ code: 0 });
  await terminal.ended;
  await expectNothingLeft(project, [port], socketIn(project).path);
});

test('stop ends the hollow server that `process-compose down` leaves of a TUI with --keep-project', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  const external = await onTerminal(project, socketIn(project), '--keep-project');
  await using terminal = external.terminal;
  const web = await project.services.next('web');
  await project.program(['process-compose', '-u', socketIn(project).path, 'down']).finished;
  await web.ended();
  expect(external.alive()).toBe(true);
  await eventually('process-compose noticed', async () => {
    const states = await external.control.states();
    return states.ok && states.value.every(({ status }) => status === 'Completed');
  });
  expect(await project.status()).toMatchObject({
    stack: 'hollow',
    healthy: false,
    next: ['upkeep restart', 'upkeep stop'],
  });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await terminal.ended;
  await expectNothingLeft(project, [port], socketIn(project).path);
});

test('stop ends an instance that listens on a TCP port', async () => {
  await using project = await temporaryProject();
  const [port, api] = [await freePort(), await freePort()];
  project.declareServices({ web: port });
  await headless(project, { kind: 'tcp', host: '127.0.0.1', port: api });
  await project.services.next('web');
  expect((await project.status()).instance?.endpoint).toMatch(new RegExp(`^http://.*:${api}$`));
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await expectNothingLeft(project, [port, api]);
});

test('a service that ignores TERM is killed after the grace, and stop says so', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web', '--listen', port, '--ignore-term'), ports: [port] } },
    quick,
  );
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const stop = await project.run(['stop']);
  expect(stop.code).toBe(0);
  expect(stop.stderr).toMatch(new RegExp(`pid ${web.pid} .* did not end by itself and was killed`));
  // A claim: its own grace, not the default of 10 s.
  expect(stop.ms).toBeLessThan(8_000);
  await expectNothingLeft(project, [port]);
});

test("a child in the service's group that ignores TERM is ended too", async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ web: { command: project.services.command('web'), ports: [port] } }, quick);
  const start = project.begin(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({ name: 'worker', flags: ['--listen', `${port}`, '--ignore-term'] });
  const worker = await project.services.next('worker');
  expect((await start.finished).code).toBe(0);
  const stop = await project.run(['stop']);
  expect(stop.code).toBe(0);
  await worker.ended();
  await expectNothingLeft(project, [port]);
});

test('a grandchild in a session of its own that holds the port is ended too', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ web: { command: project.services.command('web'), ports: [port] } }, quick);
  const start = project.begin(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({ name: 'daemon', flags: ['--listen', `${port}`], session: true, pipes: false });
  const daemon = await project.services.next('daemon');
  expect((await start.finished).code).toBe(0);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await daemon.ended();
  await expectNothingLeft(project, [port]);
});

test("a daemon with an empty environment that keeps the service's pipe does not make stop hang", async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    quick,
  );
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({ name: 'daemon', flags: ['--ignore-term'], session: true, clean: true });
  const daemon = await project.services.next('daemon');
  const stop = await project.run(['stop']);
  expect(stop.code).toBe(0);
  expect(stop.ms).toBeLessThan(8_000);
  await daemon.ended();
  await expectNothingLeft(project, [port]);
});

test('a stopped service is ended', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    quick,
  );
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  web.signal('SIGSTOP');
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await expectNothingLeft(project, [port]);
});

test('a browser that a service opened in a session of its own is left alone', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({ name: 'browser', session: true, pipes: false, cwd: '/' });
  const browser = await project.services.next('browser');
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(browser.alive).toBe(true);
  expect(browser.termed).toBe(false);
  await browser.exit(0);
});

test('services are stopped at once, and the time is that of the slowest', async () => {
  await using project = await temporaryProject();
  const ports = [await freePort(), await freePort(), await freePort()];
  const names = ['a', 'b', 'c'];
  const one = (name: string, port: number | undefined) => ({
    command: project.services.command(name, '--listen', port ?? 0, '--hold-term'),
    shutdown: { timeout_seconds: 8 },
    ports: [port ?? 0],
  });
  project.declare(Object.fromEntries(names.map((name, at) => [name, one(name, ports[at])])));
  await project.run(['start', '-d']);
  const runs = await Promise.all(names.map((name) => project.services.next(name)));
  const stop = project.begin(['stop']);
  // All of them are asked before the first has ended.
  await Promise.all(runs.map((run) => run.gotTerm()));
  await Promise.all(runs.map((run) => run.exit(0)));
  expect(await stop.finished).toMatchObject({ code: 0, stderr: '' });
  await expectNothingLeft(project, ports);
});

test('a second Ctrl-C hurries a stop that waits for a slow service', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const stop = project.begin(['stop']);
  await web.gotTerm();
  stop.signal('SIGINT');
  stop.signal('SIGINT');
  await eventually('the stop takes notice of both', () => {
    if (web.alive) stop.signal('SIGINT');
    return !web.alive;
  });
  const stopped = await stop.finished;
  expect(stopped.code).toBe(0);
  // A claim: less than its grace of 10 s.
  expect(stopped.ms).toBeLessThan(8_000);
  await expectNothingLeft(project, [port]);
});
