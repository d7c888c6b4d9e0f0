import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { StatusReport } from '../../src/core/status.ts';
import { readRow } from '../../src/processes/table.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

test('start -d returns when every service is ready, and says what runs', async () => {
  await using project = await temporaryProject();
  const ports = { web: await freePort(), db: await freePort() };
  project.declareServices(ports);
  const start = await project.run(['start', '-d']);
  expect(start).toMatchObject({ code: 0, stderr: '' });
  expect(start.stdout).toMatch(/^up {2}/);
  expect(start.stdout).toMatch(new RegExp(`^web +ok +\\d+ +${ports.web}`, 'm'));
  expect(start.stdout).toContain('runs what is on disk');
  expect(await (await fetch(`http://127.0.0.1:${ports.web}/`)).text()).toMatch(/^web /);
  expect(await project.status()).toMatchObject({
    stack: 'up',
    healthy: true,
    desired: 'up',
    orphans: [],
    next: [],
  });
});

test('start without a terminal starts in the background and says so; `start-bg`, `up` and `down` are its names too', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const start = await project.run(['start']);
  expect(start.code).toBe(0);
  expect(start.stderr).toMatch(/no terminal: starting in the background/);
  expect(await project.run(['down'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped/) });
  expect(await project.run(['start-bg'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.run(['up'])).toMatchObject({ code: 0, stderr: expect.stringContaining('already up') });
});

test('start -d --no-wait returns when the supervisor answers', async () => {
  await using project = await temporaryProject();
  project.declare({ web: { command: project.services.command('web'), ports: [await freePort()] } });
  const start = await project.run(['start', '-d', '--no-wait', '--json']);
  expect(start.code).toBe(0);
  expect(start.json()).toMatchObject({ instance: { owner: 'upkeep' }, services: [{ name: 'web' }] });
});

test('a second start says that it is up already, spawns nothing and exits 0', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = await project.status();
  const again = await project.run(['start', '-d']);
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('already up') });
  expect((await project.status()).instance).toEqual(before.instance);
  expect(project.services.of('web')).toHaveLength(1);
});

test('start of a stack that is up succeeds whatever has been saved since, and says that it does not evaluate', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  project.write('process-compose.yaml', 'processes: [');
  const again = await project.run(['start', '-d']);
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('already up') });
  expect(again.stderr).toMatch(/process-compose\.yaml:1:\d+/);
});

test('20 starts at once give one server, and 20 times exit 0', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const starts = await Promise.all(Array.from({ length: 20 }, () => project.run(['start', '-d', '--json'])));
  expect(starts.map(({ code }) => code)).toEqual(Array<number>(20).fill(0));
  const ids = starts.map((one) => (one.json() as StatusReport).instance?.id);
  expect(new Set(ids)).toEqual(new Set([expect.any(String)]));
  expect(starts.filter(({ stderr }) => !stderr.includes('already up'))).toHaveLength(1);
  expect(project.servers).toHaveLength(1);
  expect(project.services.of('web')).toHaveLength(1);
});

test('a service that fails is named with its last log lines, and the exit code is 1', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({
    web: { command: project.services.command('web', '--listen', port), ports: [port] },
    bad: { command: 'echo "cannot find module frobnicate"; exit 7' },
  });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/bad: exited with 7/);
  expect(start.stderr).toMatch(/bad \| cannot find module frobnicate/);
  expect(start.stderr).not.toMatch(/web:/);
  expect(await project.status()).toMatchObject({
    stack: 'degraded',
    healthy: false,
    next: expect.arrayContaining(['upkeep logs bad']),
  });
});

test('a service without a probe that dies on its first import is not believed', async () => {
  await using project = await temporaryProject({
    files: { 'web.mjs': "import './does-not-exist.mjs';" },
    yaml: 'processes:\n  web:\n    command: exec node web.mjs\n',
  });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/web: exited with 1/);
  expect(start.stderr).toContain('does-not-exist.mjs');
});

test('a web server that "completes" at once is not healthy, and the message names the line for upkeep.yaml', async () => {
  await using project = await temporaryProject({ yaml: 'processes:\n  web:\n    command: echo listening\n' });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toContain('services: { web: { role: task } }');
  project.write('upkeep.yaml', 'services: { web: { role: task } }\n');
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
});

test('a service with declared ports is not ready before it holds them', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ web: { command: project.services.command('web'), ports: [port] } });
  const start = project.begin(['start', '-d', '--timeout', '30']);
  const web = await project.services.next('web');
  // Older than the moment for which a service without a probe must live to be believed.
  await eventually('web is a second old', async () => {
    const [service] = (await project.status()).services;
    return service?.startedAt && Date.now() - Date.parse(service.startedAt) > 1_500;
  });
  expect(start.stdout()).toBe('');
  await web.listen(port);
  expect((await start.finished).code).toBe(0);
});

test('--timeout ends the waiting with exit 7 and says which service is not ready', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ slow: { command: project.services.command('slow'), ports: [port] } });
  const start = await project.run(['start', '-d', '--timeout', '4']);
  expect(start.code).toBe(7);
  expect(start.stderr).toMatch(/--timeout: 4 s went by while waiting for readiness/);
  expect(start.stderr).toMatch(new RegExp(`slow: .*port ${port}`));
  expect((await project.services.next('slow')).alive).toBe(true);
});

test('a service that lives and logs is waited for past ready.timeout, and the wait says so', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { slow: { command: project.services.command('slow'), ports: [port] } },
    { upkeep: { ready: { timeout: '3s' } } },
  );
  const start = project.begin(['start', '-d']);
  const slow = await project.services.next('slow');
  await slow.chatter();
  await start.says(/still starting, \d+(\.\d+)? s: slow/); // said after 5 s, which is later than ready.timeout
  await slow.listen(port);
  const done = await start.finished;
  expect(done.code).toBe(0);
});

test('a silent service that never gets ready ends the wait after ready.timeout', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { mute: { command: project.services.command('mute'), ports: [port] } },
    { upkeep: { ready: { timeout: '2s' } } },
  );
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/no sign of life/);
  expect(start.stderr).toMatch(new RegExp(`mute: .*port ${port}`));
});

test('a port that a stranger holds is named with its pid and directory, and nothing is spawned', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  const script = `require('node:http').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
  const stranger = spawn(process.execPath, ['-e', script], {
    cwd: '/usr',
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(stranger.stdout, 'data');
    const start = await project.run(['start', '-d']);
    expect(start.code).toBe(4);
    expect(start.stderr).toMatch(new RegExp(`port ${port} is taken by pid ${stranger.pid} .* in /usr`));
    expect(project.services.runs).toHaveLength(0);
    expect(project.servers).toHaveLength(0);
    expect(readRow(stranger.pid ?? 0)?.state).toMatch(/[SR]/);
    expect(await project.status()).toMatchObject({ stack: 'down' });
  } finally {
    stranger.kill();
  }
});

test('whoever reads the output of start -d gets its end, also through a descriptor that leaked into it', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  // `run` waits for the end of every pipe that the command was given.
  const moreDescriptors = Array.from({ length: 198 }, (_, at) => (at === 197 ? 'pipe' : 'ignore'));
  const start = await project.run(['start', '-d'], { moreDescriptors });
  expect(start.code).toBe(0);
  expect(await isFree(port)).toBe(false);
});

test('a --timeout that hits while another verb holds the lock names the holder', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const stop = project.begin(['stop']);
  await web.gotTerm();
  const start = await project.run(['start', '-d', '--timeout', '1.5']);
  expect(start.code).toBe(7);
  expect(start.stderr).toMatch(new RegExp(`waiting for stop \\(pid ${stop.pid}\\)`));
  await web.exit(0);
  expect((await stop.finished).code).toBe(0);
});
