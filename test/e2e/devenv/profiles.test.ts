import { expect, test } from 'vitest';
import type { DevenvOptions } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const releases: readonly (readonly [string, DevenvOptions, string])[] = [
  ['1.11', { release: '1.11' }, '.devenv'],
  ['2.2', { release: '2.2', manager: 'process-compose' }, '.devenv/profiles/backend'],
];

test.each(releases)('devenv %s: a stack with a profile comes back with it', async (_, options, dotfile) => {
  await using rig = await devenvProject(options);
  const { project } = rig;
  const [web, api] = [await freePort(), await freePort()];
  rig.declareServices({ web });
  const up = await rig.devenv(['--profile', 'backend', 'up', '-d']);
  expect(up.code, up.all).toBe(0);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  const { instance } = await project.status();
  rig.declareServices({ web, api });
  const calls = rig.calls.length;
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  expect(rig.calls.slice(calls).every((call) => call.startsWith('--profile backend '))).toBe(true);
  expect(await project.status()).toMatchObject({
    healthy: true,
    freshness: { verdict: 'fresh' },
    instance: { owner: 'upkeep', endpoint: instance?.endpoint },
  });
  expect(project.services.alive[0]?.env).toMatchObject({ DEVENV_DOTFILE: rig.at(dotfile) });
  expect(rig.has(dotfile, 'processes.pid')).toBe(true);
  const down = await rig.devenv(['--profile', 'backend', 'processes', 'down']);
  expect(down.code, down.all).toBe(0);
  await eventually('the end of the stack', () => project.living.length === 0);
  expect(await project.status()).toMatchObject({ stack: 'down' });
});

test.each(releases)(
  'devenv %s: a profile of upkeep.yaml is what runs, and is watched',
  async (_, options, dotfile) => {
    await using rig = await devenvProject(options);
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    const profiled = (ports: Readonly<Record<string, number>>): void => {
      rig.declareServices(ports);
      const settings = JSON.parse(rig.read('upkeep.yaml')) as object;
      rig.write('upkeep.yaml', JSON.stringify({ ...settings, devenv: { profiles: ['backend'] } }));
    };
    profiled({ web });
    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    expect(project.services.alive[0]?.env).toMatchObject({
      DEVENV_DOTFILE: rig.at(dotfile),
      DEVENV_CMDLINE: expect.stringContaining('--profile backend'),
    });
    {
      await using watching = await watch(project);
      rig.write('devenv.nix', `# a word\n${rig.read('devenv.nix')}`);
      await watching.next('restart.end', { outcome: 'no-change' });
      await watching.rests();
      const mark = watching.mark();
      expect(await watching.restartsAtOnce(() => profiled({ web, api }))).toHaveLength(1);
      expect(await watching.restartsAfterBarrier(mark, 'devenv.nix')).toHaveLength(1);
    }
    expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(rig.has(dotfile, 'processes.pid')).toBe(false);
  },
);
