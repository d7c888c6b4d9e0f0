/** What holds for every stack from its start to its stop, whoever runs it. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatEndpoint } from '../../src/core/endpoint.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import { eventually } from '../rig/until.ts';
import { adapters, named } from './adapters.ts';

test.each(named(adapters))(
  '%s: start, status, health, logs, restart on what is on disk, and stop that leaves nothing',
  async (_, { is, open }) => {
    await using rig = await open();
    const { project } = rig;
    const { services } = project;
    const [web, api, admin] = [await freePort(), await freePort(), await freePort()];
    rig.declare({ web, api });

    const started = await project.run(['start', '-d', '--json']);
    expect(started.code, started.all).toBe(0);
    const up = await project.status();
    expect(up).toMatchObject({
      ...is,
      schema: 1,
      stack: 'up',
      healthy: true,
      desired: 'up',
      freshness: { verdict: 'fresh', reasons: [] },
      instance: { owner: 'upkeep', endpoint: formatEndpoint(rig.socket) },
      orphans: [],
      next: [],
    });
    expect(keysOf(up)).toEqual(keysOf(started.json()));
    // The pid is of the process that the manager started, which need not be the service itself.
    expect(up.services).toMatchObject([
      { name: 'api', verdict: 'ok', role: 'code', fresh: 'fresh', ports: [api], restarts: 0, exitCode: null },
      { name: 'web', verdict: 'ok', role: 'code', fresh: 'fresh', ports: [web], restarts: 0, exitCode: null },
    ]);
    for (const { pid } of up.services) expect(project.living.map((row) => row.pid)).toContain(pid);
    expect((await project.run(['health'])).code).toBe(0);
    const [first, second] = [await services.next('web'), await services.next('api')];
    await first.print('a word of web');
    // It is written; whoever runs the stack has to have read it.
    const logs = async () => (await project.run(['logs', 'web'])).stdout;
    await eventually('its log', async () => (await logs()).includes('a word of web'));

    const again = await project.run(['start', '-d']);
    expect(again.code, again.all).toBe(0);
    expect(again.all).toContain('already up');
    expect(services.runs).toHaveLength(2);

    // A process that is new, and one that goes.
    rig.declare({ web, admin });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect([first.alive, second.alive]).toEqual([false, false]);
    expect(services.alive.map(({ name }) => name).toSorted()).toEqual(['admin', 'web']);
    expect(services.runs).toHaveLength(4);
    expect(project.servers).toHaveLength(1);
    const after = await project.status();
    expect(after).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' }, orphans: [] });
    expect(after.services.map(({ name }) => name)).toEqual(['admin', 'web']);

    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(project.living).toEqual([]);
    expect(rig.signs.filter((path) => existsSync(path))).toEqual([]);
    expect(await Promise.all([web, api, admin].map(isFree))).toEqual([true, true, true]);
    expect(await project.status()).toMatchObject({ ...is, stack: 'down', desired: 'down', instance: null });
    expect((await project.run(['health'])).code).toBe(3);
  },
);

/** The same documents, whoever answers: every key of it and of what is in it. */
function keysOf(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at];
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((one) => keysOf(one, `${at}[]`));
  return Object.entries(value)
    .flatMap(([key, inner]) => keysOf(inner, `${at}.${key}`))
    .toSorted();
}
