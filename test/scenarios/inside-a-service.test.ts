import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headless } from '../rig/external.ts';
import type { TestProject } from '../rig/project.ts';
import { builtCli, temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** A service that runs upkeep when it is told to, as an agent or a script in it would. */
async function withAgent(project: TestProject) {
  const upkeep = `${process.execPath} ${builtCli()}`;
  const order = join(project.home, 'order');
  const said = join(project.home, 'said');
  // An order is renamed into place, so it is whole when it is there.
  const agent = `while :; do until [ -e ${order} ]; do sleep 0.05; done; ${upkeep} $(cat ${order}) >${said}.tmp 2>&1; echo "exit $?" >>${said}.tmp; rm ${order}; mv ${said}.tmp ${said}; done`;
  project.declare({ web: { command: project.services.command('web') }, agent: { command: agent } });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  return async (...verb: readonly string[]): Promise<string> => {
    writeFileSync(`${order}.tmp`, verb.join(' '));
    renameSync(`${order}.tmp`, order);
    await eventually(`the answer to ${verb.join(' ')}`, () => existsSync(said));
    const text = readFileSync(said, 'utf8');
    rmSync(said);
    return text;
  };
}

test('scenario 32: stop and restart from inside a service are refused, and say why; nothing is touched', async () => {
  await using project = await temporaryProject();
  const ask = await withAgent(project);
  const web = await project.services.next('web');
  const before = (await project.status()).services.map(({ pid }) => pid);
  for (const verb of ['stop', 'restart']) {
    const said = await ask(verb);
    expect(said).toMatch(/inside the service agent[\s\S]*exit 4\n$/);
  }
  expect((await project.status()).services.map(({ pid }) => pid)).toEqual(before);
  expect([web.alive, web.termed]).toEqual([true, false]);
  // What changes nothing is nobody's trouble.
  for (const verb of [['status'], ['start', '-d'], ['reap'], ['ps']])
    expect(await ask(...verb)).toMatch(/exit 0\n$/);
});

test('scenario 32: from inside a service that outlived its supervisor, reap, stop, restart and start are refused', async () => {
  await using project = await temporaryProject();
  const ask = await withAgent(project);
  const web = await project.services.next('web');
  for (const { pid } of project.servers) process.kill(pid, 'SIGKILL');
  await eventually('the crash', () => project.servers.length === 0);
  for (const verb of [['reap'], ['stop'], ['restart'], ['start', '-d']]) {
    const said = await ask(...verb);
    expect(said).toMatch(/inside the service agent[\s\S]*exit 4\n$/);
  }
  // A plan is no act.
  expect(await ask('reap', '--dry-run')).toMatch(
    new RegExp(`end pid ${web.pid} \\(web\\)[\\s\\S]*exit 0\\n$`),
  );
  expect([web.alive, web.termed]).toEqual([true, false]);
  expect(project.servers).toEqual([]);
  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect(web.alive).toBe(false);
  expect(await project.status()).toMatchObject({ stack: 'down', orphans: [] });
});

test('scenario 32: from inside the stack that runs, what an earlier one left may be reaped, and from inside that it may not', async () => {
  await using project = await temporaryProject();
  const ask = await withAgent(project);
  const web = await project.services.next('web');
  for (const { pid } of project.servers) process.kill(pid, 'SIGKILL');
  await eventually('the crash', () => project.servers.length === 0);
  // Somebody starts another one by hand, without the agent.
  project.declare({ web: { command: project.services.command('web') } });
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  const next = await project.services.next('web');
  expect(await ask('reap')).toMatch(/inside the service agent[\s\S]*exit 4\n$/);
  expect([web.alive, web.termed, next.alive, external.alive()]).toEqual([true, false, true, true]);
  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect([web.alive, next.alive, external.alive()]).toEqual([false, true, true]);
});
