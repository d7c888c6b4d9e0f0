import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';

test('a state directory that cannot be written: verbs that change something say so, the others work', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // A file in its place, since permissions do not stop root.
  writeFileSync(join(project.root, '.git/upkeep'), '');
  for (const verb of [['start', '-d'], ['restart']]) {
    const refused = await project.run(verb);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/cannot write .*\.git\/upkeep.*\n.*give this user write access/);
  }
  expect(await project.status()).toMatchObject({ stack: 'down' });
  expect(project.living).toEqual([]);
  rmSync(join(project.root, '.git/upkeep'));
});

test.each([
  ['corrupt', '{"schema":1,'],
  ['empty', ''],
  ['of a newer schema', '{"schema":99,"x":1}'],
  ['of another shape', '{"schema":1}'],
  ['no JSON at all', '\u0000\u0001'],
])(
  'records that are %s are named, not believed, and neither status nor restart nor stop depends on them',
  async (_, text) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const [web] = project.services.of('web');
    const names = readdirSync(project.stateDir).filter((name) => name.endsWith('.json'));
    const records = readdirSync(join(project.stateDir, 'instances')).filter((name) => name.endsWith('.json'));
    for (const name of [...names, ...records.map((record) => `instances/${record}`)])
      writeFileSync(join(project.stateDir, name), text);
    const status = await project.run(['status']);
    expect(status.code).toBe(0);
    expect(status.stderr).toMatch(/warning: the record .*instances/);
    expect(web?.alive).toBe(true);
    const restart = await project.run(['restart']);
    expect(restart.code).toBe(0);
    expect(web?.alive).toBe(false);
    expect(project.servers).toHaveLength(1);
    expect(project.services.alive).toHaveLength(1);
    expect(await project.run(['stop'])).toMatchObject({ code: 0 });
    expect(project.living).toEqual([]);
  },
);

test('a work tree that disappears: stop finds what it started, by its name and from within', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  for (const how of ['by name', 'from within'] as const) {
    mkdirSync(project.root, { recursive: true });
    project.declareServices({ web: await freePort() });
    expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
    const stop =
      how === 'by name'
        ? (rmSync(project.root, { recursive: true }),
          await project.run(['stop', '-C', project.root], { cwd: '/' }))
        : await project.program(
            ['bash', '-c', `rm -rf "$PWD"; exec "$0" "$@"`, process.execPath, project.cli, 'stop'],
            { env: { PWD: project.root } },
          ).finished;
    expect(stop).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped/) });
    expect(project.living).toEqual([]);
    const start = await project.run(['start', '-d', '-C', project.root], { cwd: '/' });
    expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a directory') });
  }
  mkdirSync(project.root);
});
