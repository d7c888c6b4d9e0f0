import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow } from '../../src/processes/table.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import type { ServiceRun } from '../rig/service.ts';
import { eventually } from '../rig/until.ts';

async function killServer(project: TestProject): Promise<void> {
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  signalProcess(server, 'SIGKILL');
  await eventually('the server is gone', () => !isAlive(server));
}

/** The server answers and is recorded, the lock is free again: only the waiting is left. */
const waitsForReadiness = (project: TestProject): Promise<boolean> =>
  eventually('start waits for readiness', () => {
    const intent = readFileSync(join(project.stateDir, 'intent.json'), 'utf8');
    return (JSON.parse(intent) as { outcome: string }).outcome === 'done';
  });

async function crashed(project: TestProject): Promise<{ web: ServiceRun; port: number }> {
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await killServer(project);
  expect(web.alive).toBe(true);
  return { web, port };
}

test('status says what outlived a killed server, with the evidence, and what helps', async () => {
  await using project = await temporaryProject();
  const { web } = await crashed(project);
  const status = await project.run(['status']);
  expect(status.code).toBe(3);
  expect(status.stdout).toMatch(/^down/);
  expect(status.stdout).toMatch(
    new RegExp(`left behind by an earlier run \\(1\\):\\n +pid ${web.pid} +web `),
  );
  expect(await project.status()).toMatchObject({
    stack: 'down',
    desired: 'up',
    healthy: false,
    orphans: [{ pid: web.pid, service: 'web', evidence: expect.arrayContaining(['marker', 'canary']) }],
    next: ['upkeep start', 'upkeep stop'],
  });
  expect(await project.run(['health'])).toMatchObject({ code: 3 });
});

test.each([
  [['status'], 3],
  [['health'], 3],
  [['start', '-d'], 0],
  [['stop'], 0],
] as const)(
  'a server that ends while %s asks it is gone, not one that does not answer',
  async (verb, code) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const [server] = project.servers;
    if (!server) throw new Error('no server');
    const sockets = (): number =>
      readFileSync('/proc/net/unix', 'utf8')
        .split('\n')
        .filter((line) => line.endsWith(` ${project.socket}`)).length;
    // Before it stands still: its end of a connection is there until it closes it.
    await eventually('its connections are over', () => sockets() === 1);
    // It takes connections and answers nobody.
    signalProcess(server, 'SIGSTOP');
    const asking = project.begin(verb);
    await eventually('it is asked', () => sockets() > 1);
    signalProcess(server, 'SIGKILL');
    expect(await asking.finished).toMatchObject({ code });
  },
);

test.each([['start', '-d'], ['restart']])(
  '%s ends what outlived a killed server and gives one stack',
  async (...verb) => {
    await using project = await temporaryProject();
    const { web } = await crashed(project);
    expect(await project.run(verb)).toMatchObject({ code: 0 });
    expect(web.alive).toBe(false);
    expect(project.servers).toHaveLength(1);
    expect(await project.services.living()).toHaveLength(1);
    expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, orphans: [] });
  },
);

test('stop ends what outlived a killed server, and says how many there were', async () => {
  await using project = await temporaryProject();
  const { port } = await crashed(project);
  const stop = await project.run(['stop']);
  expect(stop).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^stopped 1 process that an earlier run had left/),
  });
  expect(await isFree(port)).toBe(true);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down', orphans: [] });
});

test('what outlived the server is found by its marker when the state directory is lost', async () => {
  await using project = await temporaryProject();
  const { web } = await crashed(project);
  await project.program(['rm', '-rf', project.stateDir]).finished;
  expect(await project.status()).toMatchObject({ orphans: [{ pid: web.pid }] });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(web.alive).toBe(false);
  expect(await project.services.living()).toHaveLength(1);
});

test('a running stack is found when the state directory is lost, and restart gives one stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await project.program(['rm', '-rf', project.stateDir]).finished;
  expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'unknown' } });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(project.servers).toHaveLength(1);
  expect(await project.services.living()).toHaveLength(1);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a restart that gets %s during the stop leaves one stack or none, and start repairs',
  async (signal) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() }, { web: '--hold-term' });
    await project.run(['start', '-d']);
    const web = await project.services.next('web');
    const restart = project.begin(['restart']);
    await web.gotTerm();
    restart.signal(signal);
    if (signal === 'SIGKILL') await restart.finished;
    await web.exit(0);
    await restart.finished;
    const start = await project.run(['start', '-d']);
    expect(start).toMatchObject({ code: 0 });
    expect(project.servers).toHaveLength(1);
    expect(await project.services.living()).toHaveLength(1);
    expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  },
);

test('a start that is killed while it waits for readiness leaves the stack to the next one', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ slow: { command: project.services.command('slow'), ports: [port] } });
  const start = project.begin(['start', '-d']);
  const slow = await project.services.next('slow');
  await waitsForReadiness(project);
  start.signal('SIGKILL');
  await start.finished;
  const again = project.begin(['start', '-d']);
  await slow.listen(port);
  expect((await again.finished).code).toBe(0);
  expect(project.services.of('slow')).toHaveLength(1);
});

test('Ctrl-C ends the waiting of start -d with 130; the stack stays', async () => {
  await using project = await temporaryProject();
  project.declare({ slow: { command: project.services.command('slow'), ports: [await freePort()] } });
  const start = project.begin(['start', '-d']);
  const slow = await project.services.next('slow');
  await waitsForReadiness(project);
  start.signal('SIGINT');
  expect(await start.finished).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
  expect(slow.alive).toBe(true);
});

test('a recorded pid that belongs to somebody else by now is not touched', async () => {
  await using project = await temporaryProject();
  const { web } = await crashed(project);
  web.signal('SIGKILL');
  await web.ended();
  const stranger = project.program(['sleep', '300'], { cwd: '/' });
  const { startTime = '' } = readRow(stranger.pid) ?? {};
  // As when the numbers have come round: the pid of a member, and another start time.
  const instances = join(project.stateDir, 'instances');
  const path = join(instances, readdirSync(instances).find((name) => name.endsWith('.json')) ?? '');
  const record = JSON.parse(readFileSync(path, 'utf8')) as { members: object[] };
  const members = record.members.map((member) => ({ ...member, pid: stranger.pid }));
  writeFileSync(path, JSON.stringify({ ...record, members }));
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(isAlive({ pid: stranger.pid, startTime })).toBe(true);
  stranger.signal('SIGKILL');
  await stranger.finished;
});
