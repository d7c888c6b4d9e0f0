import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/processes/table.ts';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import { pausedAt } from '../rig/paused.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** Twenty starts at once: e2e/start.test.ts. Two stops at once: e2e/stop.test.ts. Two restarts: e2e/restart.test.ts. */
async function oneService(): Promise<TestProject> {
  const project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  return project;
}

async function killServer(project: TestProject): Promise<void> {
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  process.kill(server.pid, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
}

const intent = (project: TestProject): Record<string, unknown> =>
  JSON.parse(readFileSync(join(project.stateDir, 'intent.json'), 'utf8'));

test('a restart during a restart waits, names the holder after a second, and both succeed', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  const first = await pausedAt(project, ['restart'], 'planned');
  const second = project.begin(['restart']);
  await second.says(new RegExp(`waiting for restart \\(pid ${first.running.pid}\\)`));
  first.goOn();
  expect(await first.running.finished).toMatchObject({ code: 0 });
  expect(await second.finished).toMatchObject({ code: 0 });
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test.each([['start', '-d'], ['stop'], ['restart']])(
  '%s waits for the one at work for as long as --timeout says, and exits 7 with its name',
  async (...verb) => {
    await using project = await oneService();
    const first = await pausedAt(project, ['start', '-d'], 'intent-written');
    const late = await project.run([...verb, '--timeout', '0.2']);
    expect(late.code).toBe(7);
    expect(late.stderr).toMatch(new RegExp(`start \\(pid ${first.running.pid}\\)`));
    first.goOn();
    expect(await first.running.finished).toMatchObject({ code: 0 });
    expect(project.services.of('web')).toHaveLength(1);
  },
);

test('while a verb is at work nothing is called cut off; when it was killed, it is', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  const stop = await pausedAt(project, ['stop'], 'intent-written');
  expect(await project.status()).toMatchObject({ unfinished: null, desired: 'down' });
  await stop.kill();
  expect(await project.status()).toMatchObject({
    stack: 'up',
    desired: 'down',
    unfinished: { verb: 'stop' },
    next: ['upkeep stop', 'upkeep restart'],
  });
  expect((await project.run(['status'])).stdout).toMatch(/a stop was cut off \(\d\d:\d\d:\d\d\)/);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ unfinished: null, next: ['upkeep start'] });
});

test('a stop that was cut off is no reason to touch a stack that somebody has started since', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  const stop = await pausedAt(project, ['stop'], 'records-removed');
  await stop.kill();
  // As it would be a while later: the boot is told in seconds.
  const earlier = new Date(Date.now() - 60_000).toISOString();
  writeFileSync(join(project.stateDir, 'intent.json'), JSON.stringify({ ...intent(project), at: earlier }));
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  expect(await project.run(['start', '-d'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('already up'),
  });
  expect(external.alive()).toBe(true);
});

test('a crash leaves the stack wanted up; one that was stopped by hand is wanted down', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await killServer(project);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'up', orphans: [{}] });
  await project.run(['restart']);
  expect(await project.status()).toMatchObject({ stack: 'up', desired: 'up' });
  const { instance } = await project.status();
  await project.program(['process-compose', '-u', project.socket, 'down']).finished;
  await eventually('the end of the server', () => project.servers.length === 0);
  expect(instance).not.toBeNull();
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down', orphans: [] });
});

test('what was wanted before the machine started anew is unknown, and is not finished', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await project.run(['stop']);
  const path = join(project.stateDir, 'intent.json');
  const before = { ...intent(project), bootId: '00000000-0000-0000-0000-000000000000' };
  writeFileSync(path, JSON.stringify({ ...before, verb: 'restart', desired: 'up', outcome: 'begun' }));
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'unknown', unfinished: null });
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stdout: 'nothing was running\n' });
});

test('another server of the project that takes the endpoint during a start is adopted: exit 4, one stack', async () => {
  await using project = await oneService();
  const start = await pausedAt(project, ['start', '-d'], 'instance-recorded');
  const external = await headless(project, { kind: 'unix', path: project.socket });
  await project.services.next('web');
  start.goOn();
  const done = await start.running.finished;
  expect(done.code).toBe(4);
  expect(done.stderr).toContain(`pid ${external.server.pid}`);
  expect(external.alive()).toBe(true);
  expect(project.servers.map(({ pid }) => pid)).toEqual([external.server.pid]);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({
    stack: 'up',
    instance: { owner: 'external', pid: external.server.pid },
    orphans: [],
  });
  expect(existsSync(project.socket)).toBe(true);
});

test('what an earlier run left is shown beside a stack that somebody started by hand, and restart ends both', async () => {
  await using project = await temporaryProject();
  project.declare({ web: { command: project.services.command('web') } });
  await project.run(['start', '-d']);
  const old = await project.services.next('web');
  await killServer(project);
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  await project.services.next('web');
  expect(await project.status()).toMatchObject({
    stack: 'up',
    instance: { owner: 'external', pid: external.server.pid },
    orphans: [{ pid: old.pid }],
  });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({ orphans: [] });
});
