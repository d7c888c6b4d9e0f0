/** What holds after a crash, whoever ran the stack; and that a neighbour notices nothing of it all. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive } from '../../src/processes/table.ts';
import { freePort } from '../rig/free-port.ts';
import { eventually } from '../rig/until.ts';
import type { Rig } from './adapters.ts';
import { named, oneOfEach } from './adapters.ts';

async function killServer({ project }: Rig): Promise<void> {
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  // That of devenv's script ends by itself, in its own time.
  const wrapper = project.living.find(({ pid }) => pid === server.parent);
  signalProcess(server, 'SIGKILL');
  await eventually('the server is gone', () => !isAlive(server) && !(wrapper && isAlive(wrapper)));
}

test.each(named(oneOfEach))(
  '%s: what a killed or a hollow server leaves is found and replaced, and a neighbour is not touched',
  async (_, { open }) => {
    await using neighbour = await open();
    neighbour.declare({ web: await freePort() });
    expect((await neighbour.project.run(['start', '-d'])).code).toBe(0);
    // Not all that lives now: the command that started it may be on its way out.
    const { servers, services } = neighbour.project;
    const untouched = [...servers, ...(await services.living())].map(({ pid }) => pid);

    await using rig = await open();
    const { project } = rig;
    rig.declare({ web: await freePort() });
    expect((await project.run(['start', '-d'])).code).toBe(0);
    const first = await project.services.next('web');

    await killServer(rig);
    expect(first.alive).toBe(true);
    const { orphans, ...down } = await project.status();
    expect(down).toMatchObject({ stack: 'down', desired: 'up', healthy: false });
    expect(orphans.map(({ pid }) => pid)).toContain(first.pid);
    for (const one of orphans) expect(one).toMatchObject({ service: 'web' });
    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    expect(first.alive).toBe(false);
    expect(project.servers).toHaveLength(1);

    const second = await project.services.next('web');
    await second.exit(0);
    await eventually('a hollow stack', async () => (await project.status()).stack === 'hollow');
    const replaced = await project.run(['start', '-d']);
    expect(replaced.code, replaced.all).toBe(0);
    expect(await project.services.living()).toHaveLength(1);
    expect(project.servers).toHaveLength(1);

    await killServer(rig);
    const reaped = await project.run(['reap']);
    expect(reaped.code, reaped.all).toBe(0);
    expect(project.living).toEqual([]);
    expect((await project.run(['stop'])).code).toBe(0);
    expect(rig.signs.filter((path) => existsSync(path))).toEqual([]);

    expect(neighbour.project.living.map(({ pid }) => pid)).toEqual(expect.arrayContaining(untouched));
    expect(await neighbour.project.status()).toMatchObject({ stack: 'up', healthy: true });
    expect(neighbour.project.services.runs).toHaveLength(1);
  },
);
