import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** Each costs milliseconds to load, which every status would pay (docs/performance.md). */
const heavy = ['crypto', 'http', 'child_process', 'worker_threads', 'readline'];

test('a status of a stack at rest loads none of the modules that take long', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const hook = join(project.home, 'loaded.cjs');
  const told = `process.moduleLoadList.map((one) => one.replace(/^NativeModule /, '')).join(' ')`;
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(__dirname + '/loaded', ${told}));`,
  );
  await project.run(['start', '-d']);
  const status = async () =>
    project.run(['status', '--json'], { env: { NODE_OPTIONS: `--require ${hook}` } });
  const loaded = async (): Promise<readonly string[]> => {
    expect(await status()).toMatchObject({ code: 0 });
    return readFileSync(join(project.home, 'loaded'), 'utf8').split(' ');
  };
  let last: readonly string[] = [];
  // What is young is looked at more closely, for seconds.
  await eventually(
    'a status without them',
    async () => {
      last = await loaded();
      return !heavy.some((one) => last.includes(one));
    },
    { seen: () => heavy.filter((one) => last.includes(one)).join() },
  );
  expect(last).toContain('net');
});
