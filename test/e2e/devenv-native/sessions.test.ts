import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { nativePidFile, nativeProject, settled, tell } from '../../rig/native.ts';
import { pausedAt } from '../../rig/paused.ts';
import { openTerminal } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';

test.each(['2.1', '2.2'] as const)(
  'devenv %s: a stack that `devenv up -d` started is one like any other, and a new configuration is really taken',
  async (release) => {
    await using rig = await nativeProject({ release });
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web });
    const up = await rig.devenv(['up', '-d']);
    expect(up.code, up.all).toBe(0);
    await eventually('a healthy stack', async () => (await project.status()).healthy);
    expect(await project.status()).toMatchObject({
      stack: 'up',
      manager: 'native',
      instance: { id: null, owner: 'external' },
      freshness: { verdict: 'unknown' },
      services: [{ name: 'web', verdict: 'ok' }],
    });
    expect((await project.run(['health'])).code).toBe(0);
    expect((await project.run(['start', '-d'])).all).toContain('already up');
    const first = await project.services.next('web');

    rig.declareServices({ web, api });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(first.alive).toBe(false);
    expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
    expect(await project.status()).toMatchObject({ instance: { owner: 'upkeep' } });

    await settled(rig);
    const down = await rig.devenv(['processes', 'down']);
    expect(down.code, down.all).toBe(0);
    await eventually('the end of the stack', () => project.living.length === 0);
    expect(await project.status()).toMatchObject({ stack: 'down' });
  },
);

test('a session that is still starting is seen, never doubled, and stopped as a whole', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const ready = { exec: `test -e ${rig.at('go')}`, period: 0.05 };
  rig.declare({ web: { exec: project.services.command('web'), ready } });
  const session = rig.begin(['up']);
  await project.services.next('web');
  expect(existsSync(nativePidFile(rig))).toBe(false);
  expect(await project.status()).toMatchObject({ stack: 'starting', instance: { owner: 'external' } });
  const started = await project.run(['start', '-d', '--no-wait']);
  expect(started.code, started.all).toBe(0);
  expect(started.all).toContain('already up');
  expect(project.services.alive).toHaveLength(1);
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  await session.finished;
  expect(project.living).toEqual([]);
});

test('two managers on one socket are both ended by one stop', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const ready = { exec: `test -e ${rig.at('go')}`, period: 0.05 };
  rig.declare({ web: { exec: project.services.command('web'), ready } });
  const session = rig.begin(['up']);
  await project.services.next('web');
  const second = rig.begin(['up', '-d']);
  await project.services.next('web');
  await eventually(
    'the daemon has the socket',
    async () => (await tell(rig, { command: 'mode' }))['mode'] === 'daemon',
  );
  expect(project.services.alive).toHaveLength(2);
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  await Promise.all([session.finished, second.finished]);
  expect(project.living).toEqual([]);
});

test('a session that began in the same moment as our start: both are ended, and one is started', async () => {
  // This one does not look whether there is a manager: it takes the socket over.
  await using rig = await nativeProject({ release: '2.1' });
  const { project } = rig;
  const ready = { exec: `test -e ${rig.at('go')}`, period: 0.05 };
  rig.declare({ web: { exec: project.services.command('web'), ready } });
  const start = await pausedAt(project, ['start', '-d', '--no-wait'], 'server-recorded');
  await project.services.next('web');
  const session = rig.begin(['up']);
  const theirs = await project.services.next('web');
  start.goOn();
  const started = await start.running.finished;
  expect(started.code, started.all).toBe(0);
  expect(started.stderr).toContain('ending both');
  await session.finished;
  await theirs.ended();
  await eventually('one service', () => project.services.alive.length === 1);
  expect(project.servers).toHaveLength(1);
  expect(await project.status()).toMatchObject({ stack: 'starting', instance: { owner: 'upkeep' } });
});

test('our own start is starting from its first moment, and a stop during it leaves nothing', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const ready = { exec: `test -e ${rig.at('go')}`, period: 0.05 };
  const enterShell = `touch ${rig.at('.entered')}; until test -e ${rig.at('.go')}; do sleep 0.05; done`;
  rig.declare({ web: { exec: project.services.command('web'), ready } }, { enterShell });
  const starting = project.begin(['start', '-d']);
  await eventually('the shell', () => rig.has('.entered'));
  expect(await project.status()).toMatchObject({ stack: 'starting', next: ['upkeep status'] });
  rig.write('.go', '');
  await project.services.next('web');
  await eventually('the stack', async () => (await project.status()).stack === 'starting');
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  expect((await starting.finished).code).not.toBe(0);
  expect(project.living).toEqual([]);
});

test('`devenv up` in a terminal obeys stop', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await using terminal = openTerminal([`${rig.bin}/devenv`, 'up'], { cwd: rig.root, env: project.env });
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  await terminal.ended;
  expect(project.living).toEqual([]);
});

test('`upkeep start` beside a `devenv up -d` that is on its way ends with one stack', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const theirs = rig.begin(['up', '-d']);
  const ours = project.begin(['start', '-d']);
  const [up, started] = [await theirs.finished, await ours.finished];
  // Whoever came second finds the other one: 0 where that was seen in time, 4 where devenv itself kept us out.
  expect([0, 4], started.all).toContain(started.code);
  // Between our pid file and the answer of our manager devenv knows that there is one, and cannot ask it.
  if (up.code !== 0) expect(up.all).toContain('Failed to connect to the process manager');
  expect([up.code, started.code]).toContain(0);
  // The manager calls what has no probe ready at once, and devenv waits for nothing else.
  await project.services.next('web');
  expect(project.services.alive).toHaveLength(1);
  expect(project.servers).toHaveLength(1);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});
