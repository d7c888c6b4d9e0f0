import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive } from '../../../src/processes/table.ts';
import { readRow } from '../../../src/processes/table.ts';
import { freePort } from '../../rig/free-port.ts';
import {
  killManager,
  nativeDirectory,
  nativePidFile,
  nativeProject,
  nativeSocket,
  settled,
} from '../../rig/native.ts';
import { eventually } from '../../rig/until.ts';

test('what a killed manager left is found, by service, and start makes one stack of it', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await settled(rig);
  await killManager(rig);
  expect(web.alive).toBe(true);
  expect(await project.status()).toMatchObject({
    stack: 'down',
    desired: 'up',
    manager: 'native',
    orphans: [{ pid: web.pid, service: 'web', evidence: expect.arrayContaining(['marker', 'canary']) }],
  });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(web.alive).toBe(false);
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test('stop after a killed manager ends its services, and leaves neither socket nor pid file', async () => {
  await using rig = await nativeProject({ release: '2.1' });
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await settled(rig);
  await killManager(rig);
  expect(existsSync(nativeSocket(rig))).toBe(true);
  const stopped = await project.run(['stop']);
  expect(stopped.code, stopped.all).toBe(0);
  expect(stopped.stdout).toMatch(/1 process that an earlier run had left/);
  expect(project.living).toEqual([]);
  expect([existsSync(nativeSocket(rig)), existsSync(nativePidFile(rig))]).toEqual([false, false]);
});

test('what the killed manager of somebody else left is proved by nothing: it is named, and left alone until a person says otherwise', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const web = await freePort();
  rig.declareServices({ web });
  expect((await rig.devenv(['up', '-d'])).code).toBe(0);
  const run = await project.services.next('web');
  await killManager(rig);
  const started = await project.run(['start', '-d']);
  // Nothing proves whose it is, so it is not ended; its port is not taken over either.
  expect(started.code, started.all).toBe(4);
  expect(started.stderr).toContain(String(web));
  expect((await project.run(['ps', '--json'])).json()).toMatchObject({
    processes: [{ pid: run.pid, service: 'web' }],
  });
  expect(run.alive).toBe(true);
  expect(project.services.alive).toHaveLength(1);
  expect((await project.status()).next).toContain(`upkeep reap ${run.pid}`);
  const reaped = await project.run(['reap', String(run.pid)]);
  expect(reaped.code, reaped.all).toBe(0);
  expect(run.alive).toBe(false);
  const again = await project.run(['start', '-d']);
  expect(again.code, again.all).toBe(0);
});

test.each(['2.1', '2.2'] as const)(
  'devenv %s: a pid file that names a stranger by now keeps nobody from starting, and him alive',
  async (release) => {
    await using rig = await nativeProject({ release });
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    const stranger = project.program(['sleep', '1000']);
    const row = await eventually('the stranger', () => readRow(stranger.pid));
    mkdirSync(nativeDirectory(rig), { recursive: true, mode: 0o700 });
    writeFileSync(nativePidFile(rig), String(stranger.pid));
    expect(await project.status()).toMatchObject({ stack: 'down' });
    expect((await project.run(['stop'])).code).toBe(0);
    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    await settled(rig);
    expect((await project.run(['restart'])).code).toBe(0);
    expect((await project.run(['stop'])).code).toBe(0);
    expect(isAlive(row)).toBe(true);
    stranger.signal('SIGKILL');
    await stranger.finished;
  },
);
