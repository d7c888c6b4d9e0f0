import { expect, test } from 'vitest';
import { signalProcess } from '../../../src/processes/signal.ts';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { watch } from '../../rig/watching.ts';

async function oneService(flag: string | null = null): Promise<TestProject> {
  const project = await temporaryProject();
  const port = await freePort();
  project.write('src/a.ts', 'old');
  project.write('barrier.ts', '');
  project.declare(
    { web: { command: project.services.command('web', '--listen', port, ...(flag === null ? [] : [flag])) } },
    { upkeep: { services: { web: { ports: [port] } } } },
  );
  return project;
}

test('a stack that is down is not started, whatever is saved, and the watcher says so', async () => {
  await using project = await oneService();
  await using watching = await watch(project);
  expect(watching.told('stack')).toMatchObject([
    { is: 'down', because: expect.stringContaining('`upkeep start`') },
  ]);
  project.write('src/a.ts', 'new');
  await watching.next('change');
  await watching.rests();
  expect(project.services.runs).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'down', watch: { running: true, state: 'idle' } });
});

test('what was stopped stays down, and what is started again is watched again', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(await watching.next('stack', { is: 'down' })).toMatchObject({
    because: expect.stringContaining('upkeep start'),
  });
  project.write('src/a.ts', 'new');
  await watching.barrier('barrier.ts');
  expect(project.services.alive).toEqual([]);
  const mark = watching.mark();
  await project.run(['start', '-d']);
  await watching.next('stack', { is: 'up' }, mark);
  await watching.rests();
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(await watching.restarts(() => project.write('src/a.ts', 'newer'))).toHaveLength(1);
  expect(project.services.of('web')).toHaveLength(3);
  expect(watching.told('stack').map(({ is }) => is)).toEqual(['up', 'down', 'up']);
});

test('a restart by somebody else is no reason for another one', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const mark = watching.mark();
  await project.run(['restart']);
  await watching.next('stack', { is: 'up' }, mark);
  await watching.rests();
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(project.services.of('web')).toHaveLength(2);
  expect(watching.told('stack').map(({ is }) => is)).toEqual(['up', 'up']);
  expect(await watching.restarts(() => project.write('src/a.ts', 'newer'))).toHaveLength(1);
});

test('a restart that somebody else is in the middle of brings the change in: none of the watcher follows', async () => {
  await using project = await oneService('--hold-term');
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  await using watching = await watch(project);
  const mark = watching.mark();
  // Seen by the watcher when the other one is in the middle of it, however long that took to begin.
  const restart = await watching.atOnce(async () => {
    project.write('src/a.ts', 'new');
    const begun = project.begin(['restart']);
    await first.gotTerm();
    return begun;
  });
  await watching.next('restart.begin');
  await first.exit(0);
  expect(await restart.finished).toMatchObject({ code: 0 });
  await watching.next('restart.end', { outcome: 'abandoned' });
  await watching.next('stack', { is: 'up' }, mark);
  await watching.rests();
  (await project.services.next('web')).letGo();
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(project.services.of('web')).toHaveLength(2);
});

test('a save while somebody stops the stack does not start it again', async () => {
  await using project = await oneService('--hold-term');
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  await using watching = await watch(project);
  const stop = project.begin(['stop']);
  await first.gotTerm();
  project.write('src/a.ts', 'new');
  await watching.next('restart.begin');
  await first.exit(0);
  expect(await stop.finished).toMatchObject({ code: 0 });
  await watching.next('restart.end', { outcome: 'abandoned' });
  await watching.next('stack', { is: 'down' });
  await watching.barrier('barrier.ts');
  expect(project.services.of('web')).toHaveLength(1);
  expect(await project.status()).toMatchObject({ stack: 'down', desired: 'down' });
});

test('what process-compose itself was told to stop stays down', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  await project.program(['process-compose', '-u', project.socket, 'down']).finished;
  await watching.next('stack', { is: 'down' });
  project.write('src/a.ts', 'new');
  await watching.next('change');
  await watching.rests();
  expect(project.services.of('web')).toHaveLength(1);
  expect(project.servers).toEqual([]);
});

test('a server that is killed while its services live on is brought back as one stack', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await using watching = await watch(project);
  const [server] = project.servers;
  if (server) signalProcess(server, 'SIGKILL');
  await watching.next('stack', { is: 'crashed' });
  expect(await watching.next('backoff')).toMatchObject({ failure: { reason: 'server-exited' } });
  await watching.next('restart.end', { outcome: 'ok' });
  expect(web.alive).toBe(false);
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toMatchObject([
    { cause: { trigger: 'crash' } },
  ]);
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a watcher that is killed in the middle of a stop leaves what one restart brings back', async () => {
  await using project = await oneService('--hold-term');
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  await using watching = await watch(project);
  project.write('src/a.ts', 'new');
  await first.gotTerm();
  await watching.kill();
  const restart = project.begin(['restart']);
  await first.exit(0);
  expect(await restart.finished).toMatchObject({ code: 0 });
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({
    stack: 'up',
    healthy: true,
    freshness: { verdict: 'fresh' },
    watch: { running: false, state: 'off' },
  });
});

test('a watcher that is killed in the middle of a start leaves what one restart brings back', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await project.services.next('web');
  await using watching = await watch(project);
  project.write('src/a.ts', 'new');
  await watching.next('restart.phase', { name: 'down' });
  await watching.kill();
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('a watcher that begins after one was killed goes on: what was saved meanwhile is one restart', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  const killed = await watch(project);
  await killed.kill();
  project.write('src/a.ts', 'new');
  await using watching = await watch(project);
  await watching.next('restart.end', { outcome: 'ok' });
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
  ]);
  expect(project.services.of('web')).toHaveLength(2);
});

test('a second watcher is a view of the first: it tells the same, restarts nothing, and ends with it', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const view = project.begin(['watch', '--json']);
  await view.says(/a watcher is already running \(pid \d+\)/);
  project.write('src/a.ts', 'new');
  await watching.next('restart.end', { outcome: 'ok' });
  await view.says(/"restart.end"/);
  expect(project.services.of('web')).toHaveLength(2);
  await watching.end();
  const { code, stdout } = await view.finished;
  expect(code).toBe(0);
  const told = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect(told.filter((event) => event === 'restart.begin')).toHaveLength(1);
  expect(told.at(-1)).toBe('stop');
});

test('a view that is left leaves the watcher', async () => {
  await using project = await oneService();
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const view = project.begin(['watch']);
  await view.says(/this is its view/);
  view.signal('SIGINT');
  expect(await view.finished).toMatchObject({ code: 0 });
  expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toHaveLength(1);
});
