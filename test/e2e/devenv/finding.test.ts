import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { openTerminal, openUpkeep } from '../../rig/terminal.ts';
import { eventually } from '../../rig/until.ts';

const serves = (rig: DevenvProject): Promise<unknown> =>
  eventually('a healthy stack', async () => (await rig.project.status()).healthy);

test('a stack that devenv started in a sandbox with other directories is found and stopped from outside', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const elsewhere = mkdtempSync('/tmp/uk-');
  try {
    const up = await rig.devenv(['up', '-d'], { env: { TMPDIR: elsewhere, XDG_RUNTIME_DIR: elsewhere } });
    expect(up.code, up.all).toBe(0);
    await serves(rig);
    const { instance } = await project.status();
    expect(instance).toMatchObject({ owner: 'external', endpoint: expect.stringContaining(elsewhere) });
    // The link that devenv leaves to its directory is gone, too.
    rmSync(rig.at('.devenv/run'));
    const stopped = await project.run(['stop']);
    expect(stopped.code, stopped.all).toBe(0);
    expect(project.living).toEqual([]);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('the generated script, run by hand in another terminal, is a stack like any other', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  const built = await rig.devenv(['build', 'procfileScript']);
  const words = [`${rig.bin}/devenv`, 'shell', '--', built.stdout.trim()];
  await using terminal = openTerminal(words, { cwd: rig.root, env: project.env });
  await serves(rig);
  expect(await project.status()).toMatchObject({
    stack: 'up',
    instance: { owner: 'external', endpoint: `unix:${rig.runtime}/pc.sock` },
    services: [{ name: 'web', verdict: 'ok' }],
  });
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  await terminal.ended;
  {
    await using attached = openUpkeep(project, ['attach']);
    await attached.shows(/web/);
  }
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, instance: { owner: 'upkeep' } });
});

test('the stack of a flake, without devenv.nix and without links, is found, and only its start is left to `devenv up`', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await rig.devenv(['shell', '--', 'true']);
  const built = await rig.devenv(['build', 'procfileScript']);
  const [, yaml = ''] = /--config[= ]'?(\S+?)'?\s/.exec(await textOf(rig, built.stdout.trim())) ?? [];
  // With a flake there is no command line that would leave links.
  rmSync(rig.at('.devenv/gc'), { recursive: true });
  rmSync(rig.at('.devenv/input-paths.txt'));
  rmSync(rig.at('devenv.nix'));
  rmSync(rig.at('upkeep.yaml'));
  rig.write('flake.nix', '{ outputs = _: { }; }\n');
  const directory = mkdtempSync('/tmp/devenv-');
  try {
    const socket = `${directory}/pc.sock`;

    const server = project.program(['process-compose', '--config', yaml, '-u', socket, '-t=false', 'up'], {
      timeoutMs: 60_000,
    });
    await serves(rig);
    expect(await project.status()).toMatchObject({ stack: 'up', instance: { endpoint: `unix:${socket}` } });
    const refused = await project.run(['restart']);
    expect(refused.code, refused.all).toBe(2);
    expect(refused.stderr).toMatch(/part of a flake[^]*`devenv up` within `nix develop`/);
    expect(project.services.alive).toHaveLength(1);
    expect((await project.run(['stop'])).code).toBe(0);
    await server.finished;
    expect(project.living).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

const textOf = async (rig: DevenvProject, path: string): Promise<string> =>
  (await rig.project.program(['cat', path]).finished).stdout;

test('a stale socket where the stack would listen is no stack, and the start puts its own there', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  mkdirSync(rig.runtime, { recursive: true, mode: 0o700 });
  // A socket that its owner left without a word.
  await project.program([
    'perl',
    '-MIO::Socket::UNIX',
    '-e',
    `IO::Socket::UNIX->new(Local => "${rig.runtime}/pc.sock", Listen => 1)`,
  ]).finished;
  expect(await project.status()).toMatchObject({ stack: 'down' });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('a stranger on that socket is named, and nothing of his is touched', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  mkdirSync(rig.runtime, { recursive: true, mode: 0o700 });
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(`${rig.runtime}/pc.sock`, resolve));
  try {
    const refused = await project.run(['start', '-d']);
    expect(refused.code, refused.all).toBe(4);
    expect(refused.stderr).toContain(String(process.pid));
    expect((await project.run(['stop'])).code).toBe(4);
    expect(stranger.listening).toBe(true);
    expect(project.services.alive).toEqual([]);
  } finally {
    await new Promise((resolve) => stranger.close(resolve));
  }
});
