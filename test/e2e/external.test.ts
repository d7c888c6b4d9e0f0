import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArgv } from '../../src/processes/evidence.ts';
import { headless, onTerminal } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { openUpkeep } from '../rig/terminal.ts';
import { eventually } from '../rig/until.ts';

const socketIn = (project: TestProject) => ({ kind: 'unix', path: join(project.home, 'pc.sock') }) as const;

test('restart brings a headless process-compose back on the same endpoint, with its environment', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const external = await headless(project, socketIn(project), ['--keep-project']);
  const before = await project.services.next('web');
  const restart = await project.run(['restart'], { env: { FLAVOUR: 'of the restarter' } });
  expect(restart).toMatchObject({ code: 0, stderr: '' });
  const after = await project.services.next('web');
  expect(before.alive).toBe(false);
  expect(external.alive()).toBe(false);
  expect(after.env['FLAVOUR']).toBeUndefined();
  const { instance } = await project.status();
  expect(instance).toMatchObject({ owner: 'upkeep', endpoint: `unix:${socketIn(project).path}` });
  // It stays there: the next restart finds it, and so does whoever knows that socket.
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect((await project.status()).instance?.endpoint).toBe(`unix:${socketIn(project).path}`);
  const list = await project.program(['process-compose', '-u', socketIn(project).path, 'list']).finished;
  expect(list.stdout).toContain('web');
});

test('restart keeps the files, namespaces, names and flags that it was started with', async () => {
  await using project = await temporaryProject();
  const ports = {
    web: await freePort(),
    worker: await freePort(),
    other: await freePort(),
    extra: await freePort(),
  };
  const one = (name: keyof typeof ports, namespace: string) => ({
    command: project.services.command(name, '--listen', ports[name]),
    namespace,
  });
  project.declare({ web: one('web', 'front'), worker: one('worker', 'front'), other: one('other', 'back') });
  project.write('more.yaml', JSON.stringify({ processes: { extra: one('extra', 'front') } }));
  project.write('upkeep.yaml', '');
  const files = ['-f', 'process-compose.yaml', '-f', 'more.yaml'];
  await headless(project, socketIn(project), [...files, '-n', 'front', '--disable-dotenv']);
  for (const name of ['web', 'worker', 'extra']) await project.services.next(name);
  for (let round = 0; round < 2; round += 1) {
    expect(await project.run(['restart'])).toMatchObject({ code: 0 });
    for (const name of ['web', 'worker', 'extra']) await project.services.next(name);
    expect(project.services.of('other')).toHaveLength(0);
    const argv = readArgv((await project.status()).instance?.pid ?? 0)?.join(' ');
    expect(argv).toContain(`-f ${project.root}/process-compose.yaml -f ${project.root}/more.yaml`);
    expect(argv).toContain('-n front');
    expect(argv).toContain('--disable-dotenv');
  }
});

test('files and namespaces that came as variables are kept too', async () => {
  await using project = await temporaryProject();
  const ports = { web: await freePort(), other: await freePort() };
  const one = (name: keyof typeof ports, namespace: string) => ({
    command: project.services.command(name, '--listen', ports[name]),
    namespace,
  });
  project.declare({ web: one('web', 'front') });
  project.write('more.yaml', JSON.stringify({ processes: { other: one('other', 'back') } }));
  const env = { PC_CONFIG_FILES: 'process-compose.yaml,more.yaml' };
  await headless(project, socketIn(project), [], env);
  for (const name of ['web', 'other']) await project.services.next(name);
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  for (const name of ['web', 'other']) await project.services.next(name);
});

test.each([
  ['without --keep-project', [] as const],
  ['with --keep-project', ['--keep-project'] as const],
])('restart replaces a process-compose with its TUI in a terminal, %s', async (_, flags) => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const external = await onTerminal(project, socketIn(project), ...flags);
  await using terminal = external.terminal;
  const before = await project.services.next('web');
  await terminal.shows(/web +/);
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  await project.services.next('web');
  await terminal.ended;
  expect(before.alive).toBe(false);
  expect((await project.status()).instance).toMatchObject({
    owner: 'upkeep',
    endpoint: `unix:${socketIn(project).path}`,
  });
});

test('start finds an external instance and says that it is up', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const external = await headless(project, socketIn(project));
  await project.services.next('web');
  expect(await project.run(['start', '-d'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('already up'),
  });
  expect(external.alive()).toBe(true);
  expect(project.services.of('web')).toHaveLength(1);
});

test('status, health and logs speak of an external instance as of an own one', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const external = await headless(project, socketIn(project));
  const web = await project.services.next('web');
  await web.print('hello from web');
  expect(await project.status()).toMatchObject({
    stack: 'up',
    healthy: true,
    instance: { id: null, owner: 'external', pid: external.server.pid, version: 'v1.87.0' },
    freshness: { verdict: 'unknown' },
  });
  expect(await project.run(['health'])).toMatchObject({ code: 0, stdout: '' });
  await eventually('process-compose has read it', async () => {
    const lines = await external.control.logs('web', 1);
    return lines.ok && lines.value.length === 1;
  });
  expect(await project.run(['logs', 'web'])).toMatchObject({ code: 0, stdout: 'hello from web\n' });
  expect(external.alive()).toBe(true);
});

test('two instances of one project are both found by stop', async () => {
  await using project = await temporaryProject();
  project.declare({ web: { command: project.services.command('web') } });
  await headless(project, socketIn(project));
  await headless(project, { kind: 'unix', path: join(project.home, 'second.sock') });
  await project.services.next('web');
  await project.services.next('web');
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(project.services.alive).toEqual([]);
  expect(project.living).toEqual([]);
  expect(existsSync(join(project.home, 'second.sock'))).toBe(false);
});

test('start on a terminal shows the TUI; quitting it stops the stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await using terminal = openUpkeep(project, ['start']);
  const web = await project.services.next('web');
  await terminal.shows(/web +/);
  terminal.type('\u0003');
  await terminal.shows(/Detach/);
  terminal.type('\r');
  expect(await terminal.ended).toBe(0);
  await web.ended();
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down' });
});

test('the TUI of start and of attach come back after a restart from another terminal', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await using first = openUpkeep(project, ['start']);
  await project.services.next('web');
  await first.shows(/web +/);
  await using second = openUpkeep(project, ['attach']);
  await second.shows(/web +/);
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  // Not the log pane: that of `attach` stays empty now and then on a loaded machine, also by itself.
  for (const terminal of [first, second])
    await eventually('its TUI is there again', () => terminal.screens() >= 2, {
      seen: () => terminal.text().slice(-600),
    });
  expect([first.isOpen(), second.isOpen()]).toEqual([true, true]);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
});

test('quitting the TUI of attach leaves the stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using terminal = openUpkeep(project, ['attach']);
  await terminal.shows(/web +/);
  terminal.type('\u0003');
  await terminal.shows(/Detach/);
  terminal.type('\r');
  expect(await terminal.ended).toBe(0);
  expect(terminal.text()).toContain('the stack keeps running');
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('a start in a terminal that is closed stops its stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await using terminal = openUpkeep(project, ['start']);
  const web = await project.services.next('web');
  await terminal.shows(/web/);
  await terminal.close();
  await web.ended();
  await eventually('upkeep is done', () => project.living.length === 0);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down' });
});

test('attach without a terminal says so, and that logs and status work without', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const attach = await project.run(['attach']);
  expect(attach.code).toBe(2);
  expect(attach.stderr).toMatch(/needs a terminal/);
});
