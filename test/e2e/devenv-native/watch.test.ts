import { expect, test } from 'vitest';
import type { ReleaseName } from '../../devenv-stand-in/releases.ts';
import { freePort } from '../../rig/free-port.ts';
import { killManager, nativeProject, settled } from '../../rig/native.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const names = (project: { services: { alive: readonly { name: string }[] } }): readonly string[] =>
  project.services.alive.map(({ name }) => name).toSorted();

test.each<ReleaseName>(['2.1', '2.2'])(
  'devenv %s, native: what is saved in devenv.nix is what runs: added, removed, broken, mended',
  async (release) => {
    await using rig = await nativeProject({ release });
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web });
    await project.run(['start', '-d']);
    await using watching = await watch(project);

    expect(await watching.restartsAtOnce(() => rig.declareServices({ web, api }))).toHaveLength(1);
    expect(names(project)).toEqual(['api', 'web']);
    expect(await watching.restartsAtOnce(() => rig.declareServices({ api }))).toHaveLength(1);
    expect(names(project)).toEqual(['api']);

    const good = rig.read('devenv.nix');
    const before = project.services.alive.map(({ pid }) => pid);
    rig.write('devenv.nix', good.replace('exec =', 'exec'));
    const bad = await watching.next('config.bad');
    expect(bad).toMatchObject({ file: rig.at('devenv.nix'), line: expect.any(Number) });
    expect(await watching.rests()).toBe('config-bad');
    expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);

    const mark = watching.mark();
    expect(await watching.restartsAtOnce(() => rig.declareServices({ web, api }))).toHaveLength(1);
    expect(names(project)).toEqual(['api', 'web']);
    expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
    expect(await watching.restartsAfterBarrier(mark, 'devenv.nix')).toHaveLength(1);
  },
);

test('a save of a source is one restart, without any evaluation', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  project.write('src/a.ts', 'old');
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const evaluated = rig.evaluations.length;
  const called = rig.calls.length;
  const restarts = await watching.restarts(() => project.write('src/a.ts', 'new'));
  expect(restarts).toMatchObject([{ cause: { paths: ['src/a.ts'] } }]);
  expect(rig.evaluations).toHaveLength(evaluated);
  expect(rig.calls.slice(called)).toEqual([expect.stringMatching(/^shell -- /)]);
  expect(project.services.alive).toHaveLength(1);
});

test('what evaluates and is refused by the manager at its start: the stack before it runs, config-bad, until the next save', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const [web, api] = [await freePort(), await freePort()];
  rig.declareServices({ web });
  await project.run(['start', '-d']);
  await project.services.next('web');
  await using watching = await watch(project);
  rig.configure({ refuses: 'api' });
  await watching.atOnce(() => rig.declareServices({ web, api }));
  expect(await watching.next('config.bad')).toMatchObject({
    file: rig.at('devenv.nix'),
    message: expect.stringMatching(/does not start[^]*api is not for this manager/),
  });
  expect(await watching.rests()).toBe('config-bad');
  await project.services.next('web');
  expect(names(project)).toEqual(['web']);
  expect(project.servers).toHaveLength(1);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'stale' } });
  rig.configure({ refuses: null });
  expect(
    await watching.restarts(() => rig.write('devenv.nix', `${rig.read('devenv.nix')}# once more\n`)),
  ).toHaveLength(1);
  expect(names(project)).toEqual(['api', 'web']);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a comment in devenv.nix restarts nothing', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.services.alive.map(({ pid }) => pid);
  await using watching = await watch(project);
  const mark = watching.mark();
  rig.write('devenv.nix', `${rig.read('devenv.nix')}# a word\n`);
  await watching.next('restart.end', { outcome: 'no-change' }, mark);
  expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
});

test('a manager that was killed is a crash: the watcher brings one whole stack back', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await settled(rig);
  await using watching = await watch(project);
  const mark = watching.mark();
  await killManager(rig);
  await watching.next('stack', { is: 'crashed' }, mark);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  await watching.rests();
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test('`devenv processes down` is somebody’s wish: the watcher leaves it down', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await settled(rig);
  await using watching = await watch(project);
  const mark = watching.mark();
  expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
  await watching.next('stack', { is: 'down' }, mark);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down' });
});
