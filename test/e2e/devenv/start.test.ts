import { expect, test } from 'vitest';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { openTerminal } from '../../rig/terminal.ts';
import { openUpkeep } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';
import { connectControl } from '../../../src/supervisor/process-compose/client.ts';

test('status, health, logs and stop ask devenv nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const calls = rig.calls.length;
  rig.configure({ fail: 'hang' });
  for (const args of [['status'], ['health'], ['logs'], ['stop'], ['status']]) await project.run(args);
  expect(rig.calls).toHaveLength(calls);
});

test('with `clean` in devenv.yaml the stack starts headless, marked and without the caller’s environment', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.write('devenv.yaml', 'clean:\n  enabled: true\n  keep: [HOME, UK_TEST]\n');
  rig.declareServices({ web: await freePort() });
  const started = await project.run(['start', '-d'], { env: { OF_THE_CALLER: '1' } });
  expect(started.code, started.all).toBe(0);
  const env = project.services.alive[0]?.env ?? {};
  expect(env['OF_THE_CALLER']).toBeUndefined();
  expect(env['UPKEEP_INSTANCE']).toContain(project.key);
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
});

test('devenv that fails in the moment of the start does not leave the stack down', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  const restarting = project.begin(['restart']);
  await first.gotTerm();
  rig.configure({ fail: 'secretspec' });
  project.services.letGo();
  const restarted = await restarting.finished;
  expect(restarted.code, restarted.all).toBe(0);
  expect(project.services.alive).toHaveLength(1);
  expect(project.services.alive[0]?.env).toMatchObject({ DEVENV_ROOT: rig.root });
  expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
});

test('devenv that hangs in the moment of the start does not leave the stack down', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const settings = JSON.parse(rig.read('upkeep.yaml')) as object;
  rig.write('upkeep.yaml', JSON.stringify({ ...settings, devenv: { timeout: '3s' } }));
  const first = await project.services.next('web');
  const restarting = project.begin(['restart']);
  await first.gotTerm();
  rig.configure({ fail: 'hang' });
  project.services.letGo();
  const restarted = await restarting.finished;
  expect(restarted.code, restarted.all).toBe(0);
  expect(project.services.alive).toHaveLength(1);
  expect(restarted.stderr).toContain('starting from the copies that were validated');
  expect(project.living.filter(({ command }) => /devenv shell/.test(command))).toEqual([]);
});

test('a hollow server on a terminal is told from a stack, and start replaces it', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const words = [`${rig.bin}/devenv`, 'up'];
  await using terminal = openTerminal(words, { cwd: rig.root, env: project.env });
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  const control = connectControl({ kind: 'unix', path: `${rig.runtime}/pc.sock` });
  await control.stopProject({ timeoutMs: 10_000 });
  await eventually('a hollow stack', async () => (await project.status()).stack === 'hollow');
  await eventually('its service has obeyed, too', () => project.services.alive.length === 0);
  expect(await project.status()).toMatchObject({ stack: 'hollow', next: ['upkeep restart', 'upkeep stop'] });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  await terminal.ended;
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, instance: { owner: 'upkeep' } });
});

test('start in a terminal shows the TUI, and leaving it stops the stack', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await using terminal = openUpkeep(project, ['start']);
  await terminal.shows(/web/);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  const calls = rig.calls.length;
  terminal.type('\u0003');
  await terminal.shows(/quit/i);
  terminal.type('\r');
  expect(await terminal.ended).toBe(0);
  expect(project.living).toEqual([]);
  expect(rig.calls).toHaveLength(calls);
});

test('the watcher restarts a background stack that devenv itself started', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [web, api] = [await freePort(), await freePort()];
  rig.declareServices({ web });
  await rig.devenv(['up', '-d']);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  await using watching = await watch(project);
  expect(await watching.restartsAtOnce(() => rig.declareServices({ web, api }))).toHaveLength(1);
  expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
});

test('a wrapper that was killed takes nothing along, and the rest is a stack like any other', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await rig.devenv(['up', '-d']);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  process.kill(Number(rig.read('.devenv/processes.pid')), 'SIGKILL');
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  expect(project.services.alive).toHaveLength(1);
});

test('a port that only the environment of devenv.nix tells is known, before and after a restart', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const port = await freePort();
  const probe = { http_get: { host: '127.0.0.1', path: '/', port: '${WEB_PORT}' }, period_seconds: 1 };
  const exec = project.services.command('web', '--listen', port);
  const web = { exec, 'process-compose': { readiness_probe: probe } };
  rig.declare({ web }, { env: { WEB_PORT: String(port) } });
  project.write('src/a.ts', 'old');
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  const known = { healthy: true, services: [{ name: 'web', ready: true, ports: [port] }] };
  expect(await project.status()).toMatchObject(known);
  await using watching = await watch(project);
  expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toHaveLength(1);
  expect(await project.status()).toMatchObject(known);
});

test('devenv.nix wins over process-compose.yaml where it declares processes, and one line says so', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  project.write('process-compose.yaml', JSON.stringify({ processes: { other: { command: 'sleep 1000' } } }));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(started.stderr).toMatch(/^.*devenv\.nix declares processes and wins over process-compose\.yaml.*$/m);
  const status = await project.status();
  expect(status).toMatchObject({ backend: 'devenv', services: [{ name: 'web' }] });
});

test('backend in upkeep.yaml decides, and a devenv.nix without processes is no stack', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  project.write('process-compose.yaml', JSON.stringify({ processes: { other: { command: 'sleep 1000' } } }));
  project.write('upkeep.yaml', 'backend: process-compose\n');
  expect(await project.status()).toMatchObject({ backend: 'process-compose' });
  project.write('upkeep.yaml', '{}');
  rig.write('devenv.nix', '{ pkgs, ... }: { packages = [ ]; }\n');
  expect(await project.status()).toMatchObject({ backend: 'process-compose' });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(rig.calls).toEqual([]);
});

test('modules of another age than the command line decide how the processes are started', async () => {
  for (const [release, modules] of [
    ['1.11', '2.2'],
    ['2.2', '1.11'],
  ] as const) {
    await using rig = await devenvProject({ release, modules });
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    expect(await project.status()).toMatchObject({
      healthy: true,
      services: [{ name: 'web', role: 'code' }],
    });
    expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
    await eventually('the end of the stack', () => project.living.length === 0);
  }
});
