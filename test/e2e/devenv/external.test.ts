import { mkdtempSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ReleaseName } from '../../devenv-stand-in/releases.ts';
import type { DevenvOptions, DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { openTerminal } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const compose = (release: ReleaseName): DevenvOptions =>
  release.startsWith('2') ? { release, manager: 'process-compose' } : { release };

const serves = (rig: DevenvProject): Promise<unknown> =>
  eventually('a healthy stack', async () => (await rig.project.status()).healthy);

test.each<ReleaseName>(['1.0', '1.6', '1.11', '2.2'])(
  'devenv %s: a stack that `devenv up -d` started is one like any other',
  async (release) => {
    await using rig = await devenvProject(compose(release));
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web });
    const up = await rig.devenv(['up', '-d']);
    expect(up.code, up.all).toBe(0);
    await serves(rig);
    expect(await project.status()).toMatchObject({
      stack: 'up',
      backend: 'devenv',
      instance: { id: null, owner: 'external' },
      freshness: { verdict: 'unknown' },
      services: [{ name: 'web', verdict: 'ok' }],
    });
    expect((await project.run(['health'])).code).toBe(0);
    expect((await project.run(['start', '-d'])).all).toContain('already up');

    rig.declareServices({ web, api });
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
    expect(await project.status()).toMatchObject({
      instance: { owner: 'upkeep', endpoint: `unix:${rig.runtime}/pc.sock` },
      freshness: { verdict: 'fresh' },
    });

    const down = await rig.devenv(['processes', 'down']);
    expect(down.code, down.all).toBe(0);
    await eventually('the end of the stack', () => project.living.length === 0);
    expect(await project.status()).toMatchObject({ stack: 'down' });
  },
);

test.each<ReleaseName>(['1.0', '1.11', '2.2'])(
  'devenv %s: stop ends what `devenv processes up --detach` started and leaves no pid file',
  async (release) => {
    await using rig = await devenvProject(compose(release));
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    await rig.devenv(['processes', 'up', '--detach']);
    await serves(rig);
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(project.living).toEqual([]);
    expect(rig.has('.devenv/processes.pid')).toBe(false);
    expect((await rig.devenv(['up', '-d'])).code).toBe(0);
    await serves(rig);
  },
);

test.each<ReleaseName>(['1.11', '2.2'])(
  'devenv %s: `devenv up` in a terminal is left to its terminal by the watcher, and obeys stop and restart',
  async (release) => {
    await using rig = await devenvProject(compose(release));
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web });
    const words = [`${rig.bin}/devenv`, 'up'];
    await using terminal = openTerminal(words, { cwd: rig.root, env: project.env });
    await serves(rig);
    {
      await using watching = await watch(project);
      rig.declareServices({ web, api });
      expect(await watching.next('degraded')).toMatchObject({
        because: expect.stringMatching(/terminal.*`upkeep restart`/),
      });
      expect(await watching.rests()).toBe('idle');
      expect(watching.restartsSince(0)).toEqual([]);
      expect(terminal.isOpen()).toBe(true);
    }
    const restarted = await project.run(['restart']);
    expect(restarted.code, restarted.all).toBe(0);
    await terminal.ended;
    expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
    expect(await project.status()).toMatchObject({ instance: { owner: 'upkeep' }, healthy: true });

    await project.run(['stop']);
    await using again = openTerminal(words, { cwd: rig.root, env: project.env });
    await serves(rig);
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    await again.ended;
    expect(project.living).toEqual([]);
  },
);

test.each<ReleaseName>(['1.11', '2.2'])(
  'devenv %s: a later evaluation does not hide the stack that runs from an earlier one, and status says that it is another',
  async (release) => {
    await using rig = await devenvProject(compose(release));
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    // devenv's cache compares times by the second: each edit gets one of its own.
    const declareAged = (services: Readonly<Record<string, number>>, seconds: number): void => {
      rig.declareServices(services);
      rig.writeAged('devenv.nix', rig.read('devenv.nix'), seconds);
    };
    declareAged({ web }, 30);
    await rig.devenv(['up', '-d']);
    await serves(rig);
    declareAged({ web, api }, 20);
    await rig.devenv(['print-dev-env']);
    await rig.devenv(['build', 'procfileScript']);
    expect(await project.status()).toMatchObject({
      stack: 'up',
      instance: { owner: 'external' },
      freshness: { verdict: 'stale', reasons: [{ axis: 'config', path: 'devenv.nix' }] },
    });
    // What runs is what was evaluated again.
    declareAged({ web }, 10);
    await rig.devenv(['print-dev-env']);
    await rig.devenv(['build', 'procfileScript']);
    expect(await project.status()).toMatchObject({
      freshness: { verdict: 'unknown', reasons: [{ axis: 'code' }] },
    });
  },
);

test('what a crash left of it, with a stale socket, is cleared by the next start', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const [server] = project.servers.filter(({ command }) => !command.includes('devenv-up'));
  const [before] = project.services.alive;
  process.kill(server?.pid ?? 0, 'SIGKILL');
  await eventually('the end of the server', () => project.servers.length === 0);
  expect(before?.alive).toBe(true);
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(before?.alive).toBe(false);
  expect(project.services.alive).toHaveLength(1);
});

test.each([
  ['of a process that is long gone', () => '4194304'],
  ['of somebody else’s process', (pid: number) => String(pid)],
  ['with nonsense in it', () => 'x'],
])('a pid file %s is not believed', async (_, text) => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  rig.write('.devenv/processes.pid', text(process.pid));
  expect(await project.status()).toMatchObject({ stack: 'down' });
  expect((await project.run(['stop'])).code).toBe(0);
  // It names nothing that was stopped.
  expect(rig.has('.devenv/processes.pid')).toBe(true);
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
});

test.each<ReleaseName>(['1.0', '1.11'])(
  'devenv %s: `devenv up -d` beside a stack of upkeep does it no harm, and no pid file is left',
  async (release) => {
    await using rig = await devenvProject({ release });
    const { project } = rig;
    rig.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const before = project.services.alive;
    const up = await rig.devenv(['up', '-d']);
    if (release === '1.11') expect(up.all).toMatch(/already running with PID/);
    else {
      const client = Number(rig.read('.devenv/processes.pid'));
      await eventually('its client is gone', () => project.living.every(({ pid }) => pid !== client));
    }
    expect(await project.status()).toMatchObject({
      stack: 'up',
      healthy: true,
      instance: { owner: 'upkeep' },
    });
    expect(project.services.alive).toEqual(before);
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(rig.has('.devenv/processes.pid')).toBe(false);
  },
);

test('the same stack is found from a sandbox with other directories', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const elsewhere = mkdtempSync('/tmp/uk-');
  try {
    await project.run(['start', '-d']);
    const env = { TMPDIR: elsewhere, XDG_RUNTIME_DIR: elsewhere };
    expect(await project.status({ env })).toMatchObject({ stack: 'up', healthy: true });
    const restarted = await project.run(['restart'], { env });
    expect(restarted.code, restarted.all).toBe(0);
    expect(await project.status()).toMatchObject({ instance: { endpoint: `unix:${rig.runtime}/pc.sock` } });
    expect(project.servers.filter(({ command }) => !command.includes('devenv-up'))).toHaveLength(1);
    expect((await project.run(['stop'], { env })).code).toBe(0);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('two work trees with a stack each leave one another alone', async () => {
  await using one = await devenvProject();
  await using other = await devenvProject({ linked: true });
  for (const rig of [one, other]) rig.declareServices({ web: await freePort() });
  for (const rig of [one, other]) expect((await rig.project.run(['start', '-d'])).code).toBe(0);
  await one.project.run(['stop']);
  expect(one.project.living).toEqual([]);
  expect(await other.project.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('a restart from a hook, a script or another shell gives services none of its environment', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d'], { env: { OF_THE_START: '1' } });
  const env = {
    GIT_DIR: '/nowhere/.git',
    npm_config_prefix: '/x',
    HUSKY: '1',
    GIT_INDEX_FILE: '/nowhere/index',
    npm_lifecycle_event: 'demo',
    EDITOR: 'vi',
    VSCODE_PID: '1',
    NVIM: '/nowhere/nvim.sock',
    TMUX: '/nowhere,1,0',
    PC_CONFIG_FILES: '/another.yaml',
    UPKEEP_INSTANCE: 'of another',
    DEVENV_ROOT: '/another',
    DEVENV_RUNTIME: '/another/run',
    PC_SOCKET_PATH: '/another/pc.sock',
    OF_THE_RESTART: '1',
  };
  const restarted = await project.run(['restart'], { env });
  expect(restarted.code, restarted.all).toBe(0);
  const seen = project.services.alive.at(-1)?.env ?? {};
  expect(seen).toMatchObject({
    OF_THE_START: '1',
    DEVENV_ROOT: rig.root,
    DEVENV_RUNTIME: rig.runtime,
    PC_SOCKET_PATH: `${rig.runtime}/pc.sock`,
    UPKEEP_INSTANCE: expect.stringContaining(project.key),
  });
  expect(seen['PC_CONFIG_FILES']).toMatch(/process-compose\.yaml$/);
  const leaked = Object.keys(env).filter((name) => seen[name] === env[name as keyof typeof env]);
  expect(leaked).toEqual([]);
});

test('the log that devenv names holds what the services wrote', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.print('a line of mine');
  await eventually('it is in the log', () => rig.read('.devenv/processes.log').includes('a line of mine'));
  const logs = async () => (await project.run(['logs', 'web'])).stdout;
  await eventually('its answer', async () => (await logs()).includes('a line of mine'));
});
