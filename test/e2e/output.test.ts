import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { builtCli, temporaryProject } from '../rig/project.ts';

test('an answer that cannot be written is said so, and what was to be done is done', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const full = openSync('/dev/full', 'w');
  const start = spawnSync(process.execPath, [builtCli(), 'start', '-d'], {
    cwd: project.root,
    env: project.env,
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(start).toMatchObject({
    status: 1,
    stderr: 'upkeep: the answer could not be written (ENOSPC).\n',
  });
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});
