import { mkdtempSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DevenvProject } from '../../rig/devenv.ts';
import { devenvProject } from '../../rig/devenv.ts';
import { freePort } from '../../rig/free-port.ts';
import { eventually } from '../../rig/until.ts';

const withCompose = (rig: DevenvProject, lines: string): void => {
  const good = rig.read('devenv.nix');
  rig.write(
    'devenv.nix',
    good.replace(/\n\}\n$/, `\n  process.managers.process-compose = { ${lines} };\n}\n`),
  );
};

async function playOn(rig: DevenvProject, where: RegExp): Promise<void> {
  const { project } = rig;
  const endpoint = expect.stringMatching(where);
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect(await project.status()).toMatchObject({
    stack: 'up',
    healthy: true,
    instance: { endpoint, owner: 'upkeep' },
  });
  const restarted = await project.run(['restart']);
  expect(restarted.code, restarted.all).toBe(0);
  expect((await project.run(['stop'])).code).toBe(0);
  expect(project.living).toEqual([]);
  const up = await rig.devenv(['up', '-d']);
  expect(up.code, up.all).toBe(0);
  await eventually('a healthy stack', async () => (await project.status()).healthy);
  expect(await project.status()).toMatchObject({ instance: { endpoint, owner: 'external' } });
  const again = await project.run(['restart']);
  expect(again.code, again.all).toBe(0);
  expect(await project.status()).toMatchObject({ healthy: true, instance: { endpoint, owner: 'upkeep' } });
}

test('a server that listens on a port in place of a socket is found, started and replaced', async () => {
  await using rig = await devenvProject();
  const port = await freePort();
  rig.declareServices({ web: await freePort() });
  withCompose(rig, `unixSocket.enable = false; port = ${port};`);
  await playOn(rig, new RegExp(`^http:.*:${port}$`));
});

test('a socket at another place is where devenv.nix says', async () => {
  await using rig = await devenvProject();
  const directory = mkdtempSync('/tmp/uk-');
  try {
    rig.declareServices({ web: await freePort() });
    withCompose(rig, `unixSocket.path = "${directory}/own.sock";`);
    await playOn(rig, new RegExp(`^unix:${directory}/own.sock$`));
    expect((await rig.project.run(['stop'])).code).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('without a TUI, and so without --keep-project, nothing is different', async () => {
  await using rig = await devenvProject();
  rig.declareServices({ web: await freePort() });
  withCompose(rig, 'tui.enable = false;');
  await playOn(rig, new RegExp(`^unix:${rig.runtime}/pc.sock$`));
});
