import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { nativeProject, settled } from '../../rig/native.ts';

test('a process that gave up fails the start by name, and status and health say so afterwards', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declare({
    web: { exec: project.services.command('web') },
    bad: { exec: 'echo no such table >&2; exit 3' },
  });
  // Running for a second is not enough for it, however long its shell takes.
  rig.write('upkeep.yaml', JSON.stringify({ services: { bad: { ports: [await freePort()] } } }));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(1);
  expect(started.stderr).toMatch(/bad.*gave up after 5 restarts/);
  expect(started.stderr).toContain('no such table');
  const status = await project.status();
  expect(status).toMatchObject({ stack: 'degraded', healthy: false });
  expect(status.services.find(({ name }) => name === 'bad')).toMatchObject({
    verdict: 'failed',
    restarts: 5,
    exitCode: null,
    pid: null,
    // One log for all of its runs.
    lastLog: Array.from({ length: 6 }, () => 'no such table'),
  });
  expect(await project.run(['health'])).toMatchObject({ code: 1, stdout: expect.stringMatching(/bad/) });
  expect(await project.run(['why', 'bad'])).toMatchObject({ stdout: expect.stringMatching(/gave up/) });
});

test('a crash loop without an end is never ready, although its manager says so in between', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declare({ bad: { exec: 'sleep 0.1; exit 3', restart: { on: 'always', max: 1000 } } });
  rig.write('upkeep.yaml', 'ready: { timeout: 3s }\n');
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(1);
  expect(started.stderr).toMatch(/bad/);
  expect(await project.status()).toMatchObject({ healthy: false, services: [{ status: 'Restarting' }] });
  expect((await project.run(['health'])).code).not.toBe(0);
});

test.each([
  ['a syntax error', (good: string) => good.replace('exec =', 'exec')],
  ['an unknown option', (good: string) => good.replace('exec =', 'exce =')],
  [
    'a dependency on nobody',
    (good: string) => good.replace('exec =', 'after = [ "devenv:processes:nope@ready" ]; exec ='),
  ],
  [
    'one that waits for itself',
    (good: string) => good.replace('exec =', 'after = [ "devenv:processes:web@ready" ]; exec ='),
  ],
])('with %s in devenv.nix restart says where, and touches nothing', async (_, spoil) => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.services.alive.map(({ pid }) => pid);
  rig.write('devenv.nix', spoil(rig.read('devenv.nix')));
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(6);
  expect(restarted.stderr).toMatch(/devenv\.nix:\d+:\d+/);
  expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);
  expect(await project.status()).toMatchObject({ stack: 'up' });
});

test('a manager that upkeep does not know is refused with the line that helps, and what runs goes on', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = project.services.alive.map(({ pid }) => pid);
  rig.write('devenv.nix', rig.read('devenv.nix').replace('"native"', '"overmind"'));
  const refused = await project.run(['restart']);
  expect(refused.code, refused.all).toBe(2);
  expect(refused.stderr).toContain('process.manager.implementation');
  expect(project.services.alive.map(({ pid }) => pid)).toEqual(before);
});

test('the native manager of devenv 2.0 cannot be asked, and is refused before anything is started', async () => {
  await using rig = await nativeProject({ release: '2.0' });
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const refused = await project.run(['start', '-d']);
  expect(refused.code, refused.all).toBe(2);
  expect(refused.stderr).toContain('Update devenv');
  expect(project.services.runs).toEqual([]);
});

test('a restart that changes the manager ends the one and starts the other, both ways', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  const web = await freePort();
  rig.declareServices({ web });
  await project.run(['start', '-d']);
  for (const [to, from] of [
    ['process-compose', 'native'],
    ['native', 'process-compose'],
  ] as const) {
    rig.write('devenv.nix', rig.read('devenv.nix').replace(`"${from}"`, `"${to}"`));
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(await project.status()).toMatchObject({
      manager: to,
      healthy: true,
      freshness: { verdict: 'fresh' },
    });
    expect(project.servers).toHaveLength(1);
    expect(project.services.alive).toHaveLength(1);
  }
});

test('a port that a stranger holds is moved by devenv, and status tells the one that it is', async () => {
  await using other = await nativeProject();
  const port = await freePort();
  other.declareServices({ web: port });
  await other.project.run(['start', '-d']);
  await using rig = await nativeProject();
  const { project } = rig;
  const [exec, ready] = [project.services.command('web'), { exec: 'true', period: 0.1 }];
  rig.declare({ web: { exec, ready, ports: { http: { allocate: port } } } });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  const status = await project.status();
  expect(status).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
  expect(status.services[0]?.ports[0]).toBeGreaterThan(port);
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
  expect(other.project.services.alive).toHaveLength(1);
});

test.each(['2.1', '2.2'] as const)(
  'devenv %s: a new configuration is evaluated before the stop, and comes up even where devenv fails in the moment of the start',
  async (release) => {
    await using rig = await nativeProject({ release });
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web }, { web: '--hold-term' });
    await project.run(['start', '-d']);
    const edits = [
      [null, { web, api }],
      ['secretspec', { web }],
    ] as const;
    for (const [fail, ports] of edits) {
      const first = await project.services.next('web');
      rig.declareServices(ports, { web: '--hold-term' });
      const restarting = project.begin(['restart']);
      await first.gotTerm();
      const evaluated = rig.evaluations;
      rig.configure({ fail });
      first.letGo();
      const restarted = await restarting.finished;
      expect(restarted.code, restarted.all).toBe(0);
      expect(rig.evaluations).toEqual(evaluated);
      expect(project.services.alive).toHaveLength(Object.keys(ports).length);
    }
    const status = await project.status();
    expect(status).toMatchObject({ healthy: true, orphans: [], freshness: { verdict: 'fresh' } });
    expect(project.services.alive[0]?.env).toMatchObject({
      DEVENV_ROOT: rig.root,
      DEVENV_CMDLINE: 'up -d',
      UPKEEP_INSTANCE: `${project.key}.${status.instance?.id}`,
    });
    await settled(rig);
    rig.configure({ fail: null });
    project.services.letGo();
    expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
  },
);

test('a configuration that evaluates and does not start gives way to the last good one, which says so', async () => {
  await using stranger = await nativeProject();
  const [web, api] = [await freePort(), await freePort()];
  stranger.declareServices({ api });
  await stranger.project.run(['start', '-d']);
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web });
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  rig.declareServices({ web, api });
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(6);
  expect(restarted.stderr).toMatch(/does not start[^]*taken[^]*last good configuration is running/);
  expect(first.alive).toBe(false);
  expect(project.services.alive).toMatchObject([{ name: 'web' }]);
  expect(await project.status()).toMatchObject({
    healthy: true,
    orphans: [],
    services: [{ name: 'web' }],
    freshness: {
      verdict: 'stale',
      reasons: expect.arrayContaining([expect.objectContaining({ path: 'devenv.nix' })]),
    },
  });
  await stranger.project.run(['stop']);
  const again = await project.run(['restart']);
  expect(again.code, again.all).toBe(0);
  expect(project.services.alive).toHaveLength(2);
});

test('a save that breaks devenv.nix during the stop does not leave the stack down', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  const restarting = project.begin(['restart']);
  await first.gotTerm();
  const good = rig.read('devenv.nix');
  rig.write('devenv.nix', good.replace('exec =', 'exec'));
  project.services.letGo();
  const restarted = await restarting.finished;
  expect(restarted.stderr).toContain('devenv.nix');
  expect(project.services.alive).toHaveLength(1);
  expect(project.services.alive[0]?.pid).not.toBe(first.pid);
  rig.write('devenv.nix', good);
  expect((await project.run(['restart'])).code).toBe(0);
});
