import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { SmallDisk } from '../rig/small-disk.ts';
import { watch } from '../rig/watching.ts';

const noRoom = /cannot write .*its disk is full \(ENOSPC\)\.\n.*Make room there/;

test('a full disk under the state directory: nothing is begun, what runs goes on, stop works, and with room all does', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  using disk = new SmallDisk(join(project.root, '.git/upkeep'));
  const refuses = async (verb: readonly string[]): Promise<void> => {
    const refused = await project.run(verb);
    expect(refused.code, refused.all).toBe(1);
    expect(refused.stderr).toMatch(noRoom);
  };
  const temporary = (): string[] =>
    readdirSync(disk.path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tmp$|room/.test(name));
  disk.fill();
  await refuses(['start', '-d']);
  expect(project.living).toEqual([]);
  disk.empty();
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  const before = project.living.map(({ pid }) => pid);

  disk.fill();
  await refuses(['restart']);
  disk.empty();
  // Enough to prepare it, too little for the records of the start behind the stop.
  disk.fill(20);
  await refuses(['restart']);
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  disk.fill();
  expect(temporary()).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, unfinished: null });

  const stopped = await project.run(['stop']);
  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped/) });
  expect(stopped.stderr).toMatch(/its disk is full .*\n.*make room before the next start/);
  expect(project.living).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down' });
  disk.empty();
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(temporary()).toEqual([]);
  disk.fillNames();
  await refuses(['restart']);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(project.living).toEqual([]);
  expect(existsSync(project.socket)).toBe(false);
});

test('a save while the disk is full: the watcher says so, and restarts when there is room', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  using disk = new SmallDisk(join(project.root, '.git/upkeep'));
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  await using watching = await watch(project);
  const before = project.servers.map(({ pid }) => pid);
  disk.fill();
  project.write('a.mjs', 'export {}');
  expect(await watching.next('restart.end', { outcome: 'failed' })).toMatchObject({
    failure: { reason: 'state-unwritable', code: 'ENOSPC' },
  });
  expect(project.servers.map(({ pid }) => pid)).toEqual(before);
  expect(await watching.restarts(() => disk.empty())).toHaveLength(1);
  expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'fresh' } });
});
