import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { builtCli, temporaryProject } from '../rig/project.ts';

test('an answer that cannot be written is said so, and what was to be done is done', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const onFullDisk = ['/bin/sh', '-c', 'exec "$0" "$@" > /dev/full', process.execPath, builtCli()] as const;
  expect(await project.program([...onFullDisk, 'start', '-d']).finished).toMatchObject({
    code: 1,
    stderr: 'upkeep: the answer could not be written (ENOSPC).\n',
  });
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});
