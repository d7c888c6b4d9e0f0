import { expect, test } from 'vitest';
import type { DevenvOptions } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const releases: readonly (readonly [string, DevenvOptions])[] = [
  ['1.11', { release: '1.11', at: `the back-end/it's "ü" $HOME` }],
  // Its generated command line has the directory in it, unquoted.
  ['2.2', { release: '2.2', manager: 'process-compose', at: 'packages/back-end' }],
];

test.each(releases)(
  'devenv %s: in a directory below the top of the work tree, whatever its name',
  async (_, options) => {
    await using rig = await devenvProject(options);
    const { project } = rig;
    const [web, api] = [await freePort(), await freePort()];
    rig.declareServices({ web });
    project.write('src/a.ts', 'old');
    const started = await project.run(['start', '-d']);
    expect(started.code, started.all).toBe(0);
    {
      await using watching = await watch(project);
      expect(await watching.restartsAtOnce(() => rig.declareServices({ web, api }))).toHaveLength(1);
      expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toHaveLength(1);
      const good = rig.read('devenv.nix');
      rig.write('devenv.nix', good.replace('exec =', 'exec'));
      expect(await watching.next('config.bad')).toMatchObject({
        file: rig.at('devenv.nix'),
        line: expect.any(Number),
      });
      rig.write('devenv.nix', good);
      await watching.rests();
    }
    expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
    expect((await rig.devenv(['processes', 'down'])).code).toBe(0);
    await eventually('the end of the stack', () => project.living.length === 0);
  },
);

test.each(releases)(
  'devenv %s: from within its own shell, and from within the shell of another project',
  async (_, options) => {
    await using rig = await devenvProject(options);
    await using other = await devenvProject(options);
    const { project } = rig;
    for (const one of [rig, other]) one.declareServices({ web: await freePort() });
    const node = process.execPath;
    const within = await rig.devenv(['shell', '--', node, project.cli, 'start', '-d']);
    expect(within.code, within.all).toBe(0);
    expect(await project.status()).toMatchObject({
      stack: 'up',
      healthy: true,
      freshness: { verdict: 'fresh' },
    });
    const fromOther = await other.devenv([
      'shell',
      '--',
      node,
      project.cli,
      '-C',
      rig.root,
      'restart',
      '--fresh-env',
    ]);
    expect(fromOther.code, fromOther.all).toBe(0);
    expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'fresh' } });
    expect(project.services.alive[0]?.env).toMatchObject({
      DEVENV_ROOT: rig.root,
      DEVENV_RUNTIME: rig.runtime,
      PC_SOCKET_PATH: `${rig.runtime}/pc.sock`,
    });
    expect(await other.project.status()).toMatchObject({ stack: 'down' });
    expect((await project.run(['stop'])).code).toBe(0);
  },
);

test('`upkeep start` beside a `devenv up -d` that is on its way ends with one stack', async () => {
  await using rig = await devenvProject({ leftovers: 'end' });
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const good = rig.read('devenv.nix');
  const hook = 'enterShell = "touch entered; until [ -e go ]; do sleep 0.05; done";';
  rig.write('devenv.nix', good.replace(/\n\}\n$/, `\n  ${hook}\n}\n`));
  const up = await rig.devenv(['up', '-d']);
  expect(up.code, up.all).toBe(0);
  await eventually('enterShell', () => rig.has('entered'));
  const starting = project.begin(['start', '-d']);
  await eventually('both are on their way', () => rig.calls.some((call) => call.startsWith('shell ')));
  rig.write('go', '');
  const started = await starting.finished;
  // Whichever of the two came first; the other one gives way. Where both took the socket: scenarios/same-moment.test.ts.
  expect([0, 4], started.all).toContain(started.code);
  if (started.code === 4) expect(started.stderr).toContain('started this stack in the same moment');
  if (started.stderr.includes('ends both')) await project.run(['restart']);
  await eventually('one healthy stack', async () => (await project.status()).healthy);
  await eventually(
    'one server',
    () => project.servers.filter(({ command }) => !command.includes('devenv-up')).length === 1,
  );
  // That of the other one found its port taken.
  await eventually('one service', () => project.services.alive.length === 1);
});
