import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { connectControl } from '../../src/supervisor/process-compose/client.ts';
import type { Step } from '../../src/io/step.ts';
import { freePort } from '../rig/free-port.ts';
import type { Paused } from '../rig/paused.ts';
import { pausedAt } from '../rig/paused.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/**
 * process-compose looks whether somebody answers at its socket, unlinks it and binds it. Of two that do so at once both get it:
 * the file of the first one is unlinked by the second. The tests unlink it in its place, between the one and the other.
 */
const answers = async (project: TestProject): Promise<boolean> =>
  (await connectControl({ kind: 'unix', path: project.socket }).live()).ok;

async function startByHand(project: TestProject): Promise<void> {
  const log = `${project.home}/pc.log`;
  project.program(['process-compose', '-u', project.socket, '-t=false', '-L', log, '--keep-project', 'up']);
  await eventually('the server that was started by hand', () => answers(project));
}

/** An `upkeep start -d`, held at `step`. */
async function starting(project: TestProject, step: Step): Promise<Paused> {
  project.declareServices({ web: await freePort() });
  return pausedAt(project, ['start', '-d'], step);
}

async function expectOneWholeStack(project: TestProject): Promise<void> {
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, orphans: [] });
  expect(project.servers).toHaveLength(1);
  await eventually('one service', () => project.services.alive.length === 1);
}

test('two servers at one socket, the hidden one somebody else’s: both are ended, and one is started', async () => {
  await using project = await temporaryProject();
  const start = await starting(project, 'instance-recorded');
  await startByHand(project);
  await project.services.next('web');
  rmSync(project.socket);
  start.goOn();
  const done = await start.running.finished;
  expect(done.code, done.all).toBe(0);
  expect(done.stderr).toContain('in the same moment');
  await expectOneWholeStack(project);
  expect((await project.status()).instance).toMatchObject({ owner: 'upkeep' });
});

test('two servers at one socket, the hidden one ours: both are ended, and one is started', async () => {
  await using project = await temporaryProject();
  const start = await starting(project, 'server-recorded');
  await project.services.next('web');
  await eventually('the server that upkeep started', () => answers(project));
  rmSync(project.socket);
  await startByHand(project);
  start.goOn();
  const done = await start.running.finished;
  expect(done.code, done.all).toBe(0);
  expect(done.stderr).toContain('in the same moment');
  await expectOneWholeStack(project);
});

test('one that takes the socket only while the services get ready is told: exit 4, and a restart ends both', async () => {
  await using project = await temporaryProject();
  const start = await starting(project, 'outcome-written');
  await project.services.next('web');
  rmSync(project.socket);
  await startByHand(project);
  start.goOn();
  const done = await start.running.finished;
  expect(done.code, done.all).toBe(4);
  expect(done.stderr).toMatch(/in the same moment[^]*upkeep restart/);
  expect((await project.run(['status'])).stderr).toMatch(/in the same moment[^]*upkeep restart/);
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  await expectOneWholeStack(project);
});

test('one that gave way, and took the socket’s file along: the other one is mute, is ended too, and one is started', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const real = join(inject('binaries'), 'process-compose');
  const [program, waits] = [join(project.home, 'process-compose'), join(project.home, 'waits')];
  // Of upkeep's servers the first one stands still before it binds.
  writeFileSync(
    program,
    `#!/bin/sh
case "$*" in *" up"*) if [ ! -e ${waits} ]; then
  trap 'rm -f "$UK_SOCKET"; exit 0' TERM
  touch ${waits}
  while :; do sleep 0.05; done
fi ;; esac
exec ${real} "$@"
`,
  );
  chmodSync(program, 0o755);
  const env = { PATH: `${project.home}:${project.env['PATH']}`, UK_SOCKET: project.socket };
  const start = project.begin(['start', '-d'], { env });
  await eventually('the server of upkeep', () => existsSync(waits));
  await startByHand(project);
  const done = await start.finished;
  expect(done.code, done.all).toBe(0);
  expect(done.stderr).toContain('ending both');
  await expectOneWholeStack(project);
});
