import { utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ReleaseName } from '../../devenv-stand-in/releases.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { watch } from '../../rig/watching.ts';

const names = (project: { services: { alive: readonly { name: string }[] } }): readonly string[] =>
  project.services.alive.map(({ name }) => name).toSorted();

test.each<ReleaseName>(['1.4', '1.11', '2.2'])(
  'devenv %s: what is saved in devenv.nix is what runs: added, removed, broken, mended',
  async (release) => {
    await using rig = await devenvProject({
      release,
      ...(release.startsWith('2') ? { manager: 'process-compose' } : {}),
    });
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
    expect(bad).toMatchObject({
      file: rig.at('devenv.nix'),
      line: expect.any(Number),
      column: expect.any(Number),
      message: expect.stringContaining('syntax error'),
    });
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
  await using rig = await devenvProject();
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
  // Only the start itself goes through devenv.
  expect(rig.calls.slice(called)).toEqual([expect.stringMatching(/^shell -- /)]);
  expect(await watching.restartsAfterBarrier(0, 'src/a.ts')).toHaveLength(1);
});

test('a comment is evaluated and restarts nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const [before] = project.services.alive;
  rig.write('devenv.nix', `# a word\n${rig.read('devenv.nix')}`);
  await watching.next('restart.end', { outcome: 'no-change' });
  expect(await watching.rests()).toBe('idle');
  expect(project.services.alive).toEqual([before]);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
  expect(await watching.restartsAfterBarrier(0, 'devenv.nix')).toEqual([]);
});

test('an edit within the second of the last evaluation is seen', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const [a, b] = [await freePort(), await freePort()];
  rig.declareServices({ web: a });
  // The mtime that the cache knows and the one of the edit are the same second, whatever the machine is up to.
  const second = Math.floor(Date.now() / 1_000) - 60;
  utimesSync(rig.at('devenv.nix'), second, second);
  await project.run(['start', '-d']);
  rig.declareServices({ web: b });
  utimesSync(rig.at('devenv.nix'), second, second);
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  expect(rig.calls.some((call) => call.startsWith('--refresh-eval-cache'))).toBe(true);
  expect((await project.status()).services).toMatchObject([{ name: 'web', ports: [b], verdict: 'ok' }]);
});

test('a devenv.local.nix that appears is seen', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const exec = project.services.command('extra');
  await watching.restarts(() =>
    rig.write('devenv.local.nix', `{ ... }: { processes.extra.exec = ${JSON.stringify(exec)}; }`),
  );
  await project.services.next('extra');
  expect(names(project)).toEqual(['extra', 'web']);
});

test('what devenv writes itself rings nothing', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  project.write('src/a.ts', 'old');
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const shell = await rig.devenv(['shell', '--', 'true']);
  expect(shell.code, shell.all).toBe(0);
  await watching.barrier('src/a.ts');
  expect(watching.told('change').flatMap(({ paths }) => paths)).toEqual(['src/a.ts']);
  expect(watching.told('restart.begin')).toEqual([]);
});

test('a key that process-compose refuses is found before anything is stopped', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const port = await freePort();
  rig.declareServices({ web: port });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const before = project.services.alive.map(({ pid }) => pid);
  const exec = project.services.command('web', '--listen', port);
  rig.declare({ web: { exec, 'process-compose': { comand: 'x' } } });
  expect(await watching.next('config.bad')).toMatchObject({
    file: rig.at('devenv.nix'),
    line: expect.any(Number),
    message: expect.stringContaining('comand'),
  });
  expect(await watching.rests()).toBe('config-bad');
  expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);
});

test('a file that the evaluation reads and a service runs on restarts, also where it evaluates to the same', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  const port = await freePort();
  rig.declareServices({ web: port });
  const declared = rig.read('devenv.nix');
  const read = 'env.NAME = (builtins.fromJSON (builtins.readFile ./package.json)).name;';
  project.write('package.json', '{ "name": "shop", "type": "commonjs" }');
  rig.write('devenv.nix', declared.replace(/\n\}\n$/, `\n  ${read}\n}\n`));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  await using watching = await watch(project);
  const restarts = await watching.restarts(() =>
    project.write('package.json', '{ "name": "shop", "type": "module" }'),
  );
  expect(restarts).toMatchObject([{ cause: { paths: ['package.json'], count: 1 } }]);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
  expect(await watching.restartsAfterBarrier(0, 'package.json')).toHaveLength(1);
});
