import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { builtCli, temporaryProject } from '../../rig/project.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

/** User and system time of a process so far, in ticks of 10 ms. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test('an idle watcher costs nothing, and what it wrote itself is no hint', async () => {
  await using project = await temporaryProject();
  project.write('src/a.ts', 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  // Everything that it writes: records, events, the log, the content index, the kept copies.
  await watching.restarts(() => project.write('src/a.ts', 'new'));
  await watching.barrier('process-compose.yaml');
  const mark = watching.mark();
  // A machine that has other work makes the same work cost more: the least of some spans is what it needs itself.
  let least = Infinity;
  for (let span = 0; span < 6 && least > 3; span += 1) {
    const before = ticks(watching.pid);
    await pass(5_000);
    least = Math.min(least, ticks(watching.pid) - before);
  }
  expect(least).toBeLessThanOrEqual(3);
  expect(watching.since(mark)).toEqual([]);
  await watching.barrier('src/a.ts');
  expect(watching.since(mark)).toMatchObject([
    { event: 'change', paths: ['src/a.ts'] },
    { event: 'no-change', paths: ['src/a.ts'] },
  ]);
});

test('without git, what it wrote itself is no hint either', async () => {
  await using project = await temporaryProject({ git: false });
  project.write('src/a.ts', 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
  ]);
  expect(await watching.restartsAfterBarrier(0, 'src/a.ts')).toHaveLength(1);
  // As often as its events came in parts.
  const changed = new Set(watching.told('change').flatMap(({ paths }) => paths));
  expect([...changed]).toEqual(['src/a.ts']);
});

test('a watcher whose output goes into the tree is not restarted for by its own words', async () => {
  await using project = await temporaryProject();
  project.write('src/a.ts', 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const log = join(project.root, 'watch.log');
  const told = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const watcher = project.program([
    '/bin/sh',
    '-c',
    `exec '${process.execPath}' '${builtCli()}' watch --json > watch.log 2>&1`,
  ]);
  const says = (what: RegExp): Promise<boolean> =>
    eventually(`watch.log says ${what}`, () => what.test(told()), { seen: told });
  await says(/"is":"up"/);
  project.write('src/a.ts', 'new');
  await says(/"restart.end".*"ok"/);
  utimesSync(join(project.root, 'src/a.ts'), new Date(), new Date());
  await says(/"no-change"/);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
  watcher.signal('SIGTERM');
  expect(await watcher.finished).toMatchObject({ code: 0 });
  expect(told().match(/"restart.begin"/g)).toHaveLength(1);
  expect(told().match(/"path":"watch.log","because":"the watcher itself writes to it"/g)).toHaveLength(1);
});

test('status tells what the watcher does, and what its last restart was and cost', async () => {
  await using project = await temporaryProject();
  project.write('src/a.ts', 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  expect((await project.status()).watch).toEqual({
    running: false,
    pid: null,
    state: 'off',
    engine: null,
    degraded: null,
    last: null,
  });
  await using watching = await watch(project);
  expect((await project.status()).watch).toEqual({
    running: true,
    pid: watching.pid,
    state: 'idle',
    engine: 'native',
    degraded: null,
    last: null,
  });
  await watching.restarts(() => project.write('src/a.ts', 'new'));
  const [restart] = watching.restartsSince(0);
  const last = {
    id: restart?.id,
    cause: { trigger: 'change', paths: ['src/a.ts'], count: 1 },
    outcome: 'ok',
    phases: {
      settleMs: expect.any(Number),
      validateMs: expect.any(Number),
      downMs: expect.any(Number),
      upMs: expect.any(Number),
      readyMs: expect.any(Number),
    },
  };
  expect((await project.status()).watch).toMatchObject({ running: true, state: 'idle', last });
  await watching.end();
  expect((await project.status()).watch).toMatchObject({ running: false, pid: null, state: 'off', last });
});
