import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { signalProcess } from '../../../src/processes/signal.ts';
import { isAlive } from '../../../src/processes/table.ts';
import { Decoys } from '../../rig/decoys.ts';
import type { DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort, isFree } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';

/** process-compose alone: the wrapper above it ends by itself, the tree below it lives on. */
async function killServer(rig: DevenvProject): Promise<void> {
  const isServer = ({ command }: { command: string }): boolean => /^\S*process-compose /.test(command);
  const server = rig.project.living.find(isServer);
  if (!server) throw new Error('no server');
  const wrapper = rig.project.living.find(({ pid }) => pid === server.parent);
  if (!wrapper) throw new Error('no wrapper');
  signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
  await eventually('the end of its wrapper', () => !isAlive(wrapper));
}

test('scenario 7: with .devenv and the state directory gone, reap finds what a killed devenv stack left', async () => {
  await using rig = await devenvProject({ release: '1.11' });
  const port = await freePort();
  rig.declareServices({ web: port });
  expect(await rig.project.run(['start', '-d'])).toMatchObject({ code: 0 });
  const web = await rig.project.services.next('web');
  await killServer(rig);
  rmSync(rig.at('.devenv'), { recursive: true });
  rmSync(rig.project.stateDir, { recursive: true });
  expect(web.alive).toBe(true);
  await using decoys = await Decoys.around(rig.project);
  expect(await rig.project.run(['reap'])).toMatchObject({ code: 0 });
  await web.gotTerm();
  expect([web.alive, await isFree(port)]).toEqual([false, true]);
  expect(rig.project.living.map(({ command }) => command)).toEqual([]);
  expect(decoys.touched).toEqual([]);
});

test('what a `devenv up -d` that upkeep never saw left is named whole, and ended when it is named', async () => {
  await using rig = await devenvProject({ release: '1.11' });
  const port = await freePort();
  rig.declareServices({ web: port });
  expect(await rig.devenv(['up', '-d'])).toMatchObject({ code: 0 });
  const web = await rig.project.services.next('web');
  await killServer(rig);
  await using decoys = await Decoys.around(rig.project);
  const { suspects, orphans } = await rig.project.status();
  expect(orphans).toEqual([]);
  const [leader] = suspects;
  expect(leader).toMatchObject({ service: 'web', evidence: ['service', 'directory', 'orphan'] });
  expect(web.alive).toBe(true);
  expect(await rig.project.run(['reap', String(leader?.pid)])).toMatchObject({ code: 0 });
  await web.gotTerm();
  expect([web.alive, await isFree(port)]).toEqual([false, true]);
  expect(await rig.project.status()).toMatchObject({ suspects: [] });
  expect(decoys.touched).toEqual([]);
});
