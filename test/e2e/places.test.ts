import { mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';

test('without git everything works, and the state lies in the home', async () => {
  await using project = await temporaryProject({ git: false });
  project.declareServices({ web: await freePort() });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'fresh' } });
  expect(readdirSync(join(project.home, '.local/state/upkeep'))).toContain(project.key);
  project.write('src/new.mjs', 'export {};');
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ path: 'src/new.mjs' }] },
  });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
});

test('without the program git everything works', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const bin = join(project.home, 'bin');
  mkdirSync(bin);
  for (const name of ['bash', 'sh', 'flock', 'sleep']) symlinkSync(join('/usr/bin', name), join(bin, name));
  const [node = '', binaries = ''] = project.env['PATH']?.split(':') ?? [];
  const env = { PATH: [bin, node, binaries].join(':') };
  const start = await project.run(['start', '-d'], { env });
  expect(start.code).toBe(0);
  expect(await project.status({ env })).toMatchObject({ stack: 'up', healthy: true });
  expect(await project.run(['restart'], { env })).toMatchObject({ code: 0 });
  expect(await project.run(['stop'], { env })).toMatchObject({ code: 0 });
});

test('a path of 200 characters, with spaces and quotes in it', async () => {
  const long = `${'a'.repeat(90)}/it's "quoted" $HOME/${'b'.repeat(90)}`;
  await using project = await temporaryProject({ at: long });
  project.declareServices({ web: await freePort() });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({
    stack: 'up',
    root: project.root,
    freshness: { verdict: 'fresh' },
  });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
});

test('a project that is reached through a symlink is the same project', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const link = join(project.home, 'link');
  symlinkSync(project.root, link);
  expect(await project.run(['start', '-d'], { cwd: link, env: { PWD: link } })).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ stack: 'up', root: realpathSync(link) });
  expect(await project.run(['stop', '-C', link], { cwd: '/' })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^stopped/),
  });
});

test('a Docker compose.yaml beside process-compose.yaml is passed over', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  project.write('compose.yaml', 'services:\n  cache:\n    image: redis\n');
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.status()).toMatchObject({ services: [{ name: 'web' }] });
});

test('a Docker compose.yaml alone is no project', async () => {
  await using project = await temporaryProject({
    files: { 'compose.yaml': 'services:\n  cache:\n    image: redis\n' },
  });
  expect(await project.run(['start', '-d'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no project'),
  });
  project.declareServices({ web: await freePort() });
});

test('sudo on a project of somebody else is refused by name', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  if (process.getuid?.() !== 0) return; // only root can give a directory away
  await project.program(['chown', '12345', project.root]).finished;
  const refused = await project.run(['start', '-d'], { env: { SUDO_UID: '12345', SUDO_USER: 'ada' } });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/belongs to ada, and this is sudo/);
  await project.program(['chown', '0', project.root]).finished;
});
