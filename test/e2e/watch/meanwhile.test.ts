import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { watch } from '../../rig/watching.ts';

/** A stack of one service that holds its stop until the test lets it go. */
async function slowlyStopping(): Promise<TestProject> {
  const project = await temporaryProject();
  for (const name of ['a', 'b', 'c']) project.write(`src/${name}.ts`, 'old');
  project.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  return project;
}

test('changes during the stop give exactly one more restart, on the last content', async () => {
  await using project = await slowlyStopping();
  await using watching = await watch(project);
  const first = await project.services.next('web');
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  for (const text of ['1', '2', '3']) project.write('src/b.ts', text);
  // The second may be on its way down again before it has said a word.
  project.services.letGo();
  expect(await watching.restartsAfterBarrier(0, 'src/c.ts')).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
    { outcome: 'ok', cause: { paths: ['src/b.ts'] } },
  ]);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a change during the start gives exactly one more restart', async () => {
  await using project = await temporaryProject();
  for (const name of ['a', 'b', 'c']) project.write(`src/${name}.ts`, 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  project.write('src/a.ts', 'new');
  await watching.next('restart.phase', { name: 'down' });
  await watching.atOnce(() => ['1', '2', '3'].map((text) => project.write('src/b.ts', text)));
  await watching.next('restart.end', { outcome: 'ok' });
  expect(await watching.restartsAfterBarrier(0, 'src/c.ts')).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
    { outcome: 'ok', cause: { paths: ['src/b.ts'] } },
  ]);
  expect(project.services.alive).toHaveLength(1);
});

test('a change that is taken back during the restart gives none more', async () => {
  await using project = await slowlyStopping();
  await using watching = await watch(project);
  const first = await project.services.next('web');
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  for (const text of ['new', 'old']) for (const name of ['b', 'c']) project.write(`src/${name}.ts`, text);
  project.services.letGo();
  expect(await watching.restartsAfterBarrier(0, 'src/b.ts')).toMatchObject([{ outcome: 'ok' }]);
  expect(project.services.of('web')).toHaveLength(2);
});

test('a configuration that is saved during the stop is what is started, once', async () => {
  await using project = await slowlyStopping();
  await using watching = await watch(project);
  const first = await project.services.next('web');
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  const text = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  project.write(
    'process-compose.yaml',
    text.replace('"command"', '"environment": ["VALUE=new"],\n"command"'),
  );
  project.services.letGo();
  const second = await project.services.next('web');
  expect(second.env).toMatchObject({ VALUE: 'new' });
  expect(await watching.restartsAfterBarrier(0, 'src/b.ts')).toHaveLength(1);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a broken configuration saved during the stop: the last good one runs, is told bad, and its fix is one restart', async () => {
  await using project = await slowlyStopping();
  await using watching = await watch(project);
  const first = await project.services.next('web');
  const text = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  project.write('process-compose.yaml', 'processes:\n  web: [\n');
  project.services.letGo();
  const second = await project.services.next('web');
  const bad = await watching.next('config.bad');
  expect(bad).toMatchObject({ file: join(project.root, 'process-compose.yaml'), line: expect.any(Number) });
  expect(await watching.rests()).toBe('config-bad');
  expect(second.alive).toBe(true);
  const restarts = await watching.restarts(() =>
    project.write(
      'process-compose.yaml',
      text.replace('"command"', '"environment": ["VALUE=new"],\n"command"'),
    ),
  );
  expect(restarts).toMatchObject([{ cause: { paths: ['process-compose.yaml'] } }]);
  const third = await project.services.next('web');
  expect(third.env).toMatchObject({ VALUE: 'new' });
  expect(await watching.restartsAfterBarrier(0, 'src/b.ts')).toHaveLength(2);
});

test('a change during the wait for readiness is acted on at once', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  for (const name of ['a', 'b', 'c']) project.write(`src/${name}.ts`, 'old');
  project.declare({ slow: { command: project.services.command('slow'), ports: [port] } });
  const start = project.begin(['start', '-d']);
  await (await project.services.next('slow')).listen(port);
  await start.finished;
  await using watching = await watch(project);
  project.write('src/a.ts', 'never ready');
  await watching.next('restart.phase', { name: 'up' });
  const second = await project.services.next('slow');
  project.write('src/b.ts', 'new');
  const third = await project.services.next('slow');
  expect(second.alive).toBe(false);
  await third.listen(port);
  await watching.next('restart.end', { outcome: 'ok' });
  expect(await watching.restartsAfterBarrier(0, 'src/c.ts')).toMatchObject([
    { outcome: 'abandoned', cause: { paths: ['src/a.ts'] } },
    { outcome: 'ok', cause: { paths: ['src/b.ts'] } },
  ]);
});

test('a there-and-back edit during the wait for readiness goes on with the wait', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  for (const name of ['a', 'b']) project.write(`src/${name}.ts`, 'old');
  project.declare({ slow: { command: project.services.command('slow'), ports: [port] } });
  const start = project.begin(['start', '-d']);
  await (await project.services.next('slow')).listen(port);
  await start.finished;
  await using watching = await watch(project);
  project.write('src/a.ts', 'new');
  const second = await project.services.next('slow');
  await watching.next('restart.phase', { name: 'up' });
  await watching.atOnce(() => ['new', 'old'].map((text) => project.write('src/b.ts', text)));
  await watching.next('no-change');
  await second.listen(port);
  await watching.next('restart.end', { outcome: 'ok' });
  expect(await watching.restartsAfterBarrier(0, 'src/b.ts')).toHaveLength(1);
  expect(second.alive).toBe(true);
});

test('a watcher that is asked to end during the stop brings the stack up before it does', async () => {
  await using project = await slowlyStopping();
  const watching = await watch(project);
  const first = await project.services.next('web');
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  const ended = watching.end();
  await watching.next('stop');
  project.services.letGo();
  await ended;
  expect(await project.services.next('web')).toMatchObject({ alive: true });
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'fresh' },
    watch: { running: false },
  });
});
