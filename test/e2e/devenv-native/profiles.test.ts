import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { nativeProject } from '../../rig/native.ts';
import { eventually } from '../../rig/until.ts';

test('a native stack with a profile and names of processes comes back with them', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const [web, api, docs] = [await freePort(), await freePort(), await freePort()];
  rig.declareServices({ web, api });
  const up = await rig.devenv(['--profile', 'backend', 'up', '-d', 'web']);
  expect(up.code, up.all).toBe(0);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  const { instance } = await project.status();
  rig.declareServices({ web, api, docs });
  for (const _ of ['external', 'ours']) {
    const calls = rig.calls.length;
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(rig.calls.slice(calls).every((call) => call.startsWith('--profile backend '))).toBe(true);
    expect(await project.status()).toMatchObject({
      healthy: true,
      freshness: { verdict: 'fresh' },
      instance: { owner: 'upkeep', endpoint: instance?.endpoint },
      services: [
        { name: 'api', verdict: 'disabled' },
        { name: 'docs', verdict: 'disabled' },
        { name: 'web', role: 'code', roleBecause: expect.stringContaining('runs code') },
      ],
    });
  }
  expect(project.services.alive).toMatchObject([{ name: 'web' }]);
});

test('a profile of upkeep.yaml is what runs', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const settings = JSON.parse(rig.read('upkeep.yaml')) as object;
  rig.write('upkeep.yaml', JSON.stringify({ ...settings, devenv: { profiles: ['backend'] } }));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(project.services.alive[0]?.env).toMatchObject({
    DEVENV_DOTFILE: rig.at('.devenv/profiles/backend'),
    DEVENV_CMDLINE: expect.stringContaining('--profile backend'),
  });
  expect(await project.status()).toMatchObject({ manager: 'native', freshness: { verdict: 'fresh' } });
  expect((await project.run(['stop'])).code).toBe(0);
});
