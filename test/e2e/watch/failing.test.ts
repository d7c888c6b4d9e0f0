import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { eventually } from '../../rig/until.ts';
import type { Told } from '../../rig/watching.ts';
import { watch } from '../../rig/watching.ts';

/** Beside `db`, a service that ends with 3 as long as src/a.ts is bad. */
async function failingOnBadCode(): Promise<TestProject> {
  const project = await temporaryProject();
  const [web, db] = [await freePort(), await freePort()];
  project.write('src/a.ts', 'good');
  project.write('barrier.ts', '');
  const run = project.services.command('web', '--listen', web);
  project.declare({
    web: { command: `if grep -q bad src/a.ts; then echo boom; exit 3; fi; ${run}`, ports: [web] },
    db: { command: project.services.command('db', '--listen', db), ports: [db] },
  });
  await project.run(['start', '-d']);
  return project;
}

test('a service that fails on new code is told with its log, backs off, and the next save starts at once', async () => {
  await using project = await failingOnBadCode();
  await using watching = await watch(project);
  project.write('src/a.ts', 'bad');
  const failed = await watching.next('restart.end');
  expect(failed).toMatchObject({
    outcome: 'failed',
    failure: {
      reason: 'not-ready',
      services: [{ name: 'web', lastLog: expect.arrayContaining([expect.stringContaining('boom')]) }],
    },
  });
  expect(await watching.next('backoff')).toMatchObject({ failures: 1, retryInMs: 1_000 });
  const between = await watching.whileItRests(() => project.status());
  expect(between).toMatchObject({ stack: 'degraded', watch: { last: { outcome: 'failed' } } });
  const asked = watching.mark();
  // The second pause is 2 s, the third 4 s: long enough for a save to come before its end, when it has just begun.
  await watching.next('backoff', { failures: 3, retryInMs: 4_000 });
  const isLong = (told: Told): boolean => told.event === 'backoff' && told.retryInMs >= 4_000;
  await watching.until('that a long pause begins', isLong, asked);
  const mark = watching.mark();
  const restarts = await watching.restarts(() => project.write('src/a.ts', 'good again'));
  expect(restarts).toMatchObject([{ outcome: 'ok', cause: { trigger: 'change', paths: ['src/a.ts'] } }]);
  expect(watching.since(mark).filter(({ event }) => event === 'restart.begin')).toHaveLength(1);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true, watch: { state: 'idle' } });
});

test('new code that fails again counts from the start, and what is taken back is brought back by the retry', async () => {
  await using project = await failingOnBadCode();
  await using watching = await watch(project);
  project.write('src/a.ts', 'bad');
  await watching.next('backoff', { failures: 2 });
  const mark = watching.mark();
  project.write('src/a.ts', 'bad, otherwise');
  expect(await watching.next('backoff', { failures: 1 }, mark)).toMatchObject({ retryInMs: 1_000 });
  const restarts = await watching.restarts(() => project.write('src/a.ts', 'good'));
  expect(restarts.at(-1)).toMatchObject({ outcome: 'ok' });
  expect(await watching.restartsAfterBarrier(watching.mark(), 'barrier.ts')).toEqual([]);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a service that ends while the watcher is idle is told once with its log, and is not restarted for', async () => {
  await using project = await temporaryProject();
  project.write('barrier.ts', '');
  project.declareServices({ web: await freePort(), db: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await using watching = await watch(project);
  await web.print('the last words');
  await web.exit(7);
  expect(await watching.next('service')).toMatchObject({
    name: 'web',
    to: 'failed',
    lastLog: expect.arrayContaining([expect.stringContaining('the last words')]),
  });
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  const restarts = await watching.restarts(() => project.write('barrier.ts', 'new'));
  expect(restarts).toHaveLength(1);
  expect(await project.status()).toMatchObject({ healthy: true });
  expect(watching.told('service')).toHaveLength(1);
});

test('a service that has ended before the watch begins is told', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort(), db: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.exit(7);
  await eventually('process-compose noticed', async () => (await project.status()).stack === 'degraded');
  await using watching = await watch(project);
  expect(await watching.next('service')).toMatchObject({ name: 'web', from: 'unknown', to: 'failed' });
});
