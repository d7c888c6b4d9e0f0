import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { InstanceRecord } from '../../../src/processes/ledger.ts';
import { signalProcess } from '../../../src/processes/signal.ts';
import { isAlive } from '../../../src/processes/table.ts';
import { headless } from '../../rig/external.ts';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

function recorded(project: TestProject): readonly number[] {
  const directory = join(project.stateDir, 'instances');
  if (!existsSync(directory)) return [];
  const records = readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as InstanceRecord);
  return records.flatMap(({ members }) => members.map(({ pid }) => pid));
}

test('what a service forks while the watcher is idle is recorded, and found when everything else was killed', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // Started by hand: no marker, no canary.
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  const web = await project.services.next('web');
  const watching = await watch(project);
  await eventually('the record of what was there', () => recorded(project).includes(web.pid));
  // In a session of its own, with nothing in its environment: only while its parents live is it proved.
  await web.spawn({ name: 'late', session: true, clean: true });
  const late = await project.services.next('late');
  // It looks the more rarely the more a look costs.
  await eventually('the record of what came later', () => recorded(project).includes(late.pid), {
    boundMs: 90_000,
  });
  await watching.kill();
  signalProcess(external.server, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(external.server));
  web.signal('SIGKILL');
  await web.ended();

  expect(await project.status()).toMatchObject({
    stack: 'down',
    orphans: [{ pid: late.pid, service: 'web', evidence: ['record'] }],
    suspects: [],
  });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect([late.alive, late.termed]).toEqual([false, true]);
});

test.each([['status'], ['ps'], ['start', '-d']])(
  'one look with %s is enough to find what outlives a server that somebody else started',
  async (...verb) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
    const web = await project.services.next('web');
    for (let round = 0; round < 2; round += 1) expect(await project.run(verb)).toMatchObject({ code: 0 });
    expect(readdirSync(join(project.stateDir, 'instances'))).toHaveLength(1);
    signalProcess(external.server, 'SIGKILL');
    await eventually('the end of the server', () => !isAlive(external.server));
    expect(await project.status()).toMatchObject({ orphans: [{ pid: web.pid }], suspects: [] });
    // Another one by hand: its record takes the place of one of which nothing lives any more.
    expect(await project.run(['reap'])).toMatchObject({ code: 0 });
    expect([web.alive, web.termed]).toEqual([false, true]);
  },
);

test('whoever starts and stops by hand all day leaves one record, not one a time', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  for (let round = 0; round < 3; round += 1) {
    const socket = join(project.home, 'pc.sock');
    const external = await headless(project, { kind: 'unix', path: socket });
    await project.services.next('web');
    expect(await project.run(['status'])).toMatchObject({ code: 0 });
    expect(readdirSync(join(project.stateDir, 'instances'))).toHaveLength(1);
    await project.program(['process-compose', '-u', socket, 'down']).finished;
    await eventually('the end of the server', () => !external.alive());
  }
});
