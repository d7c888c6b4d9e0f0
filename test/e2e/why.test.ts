import { expect, test } from 'vitest';
import type { WhyReport } from '../../src/core/why.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

const ask = async (project: TestProject, ...names: readonly string[]): Promise<WhyReport> =>
  (await project.run(['why', '--json', ...names])).json() as WhyReport;
const say = async (project: TestProject, ...names: readonly string[]): Promise<string> => {
  const said = await project.run(['why', ...names]);
  expect(said.code).toBe(0);
  const lines = said.stdout.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(10);
  return said.stdout;
};

test('says who started or restarted the stack last, and that it is fresh', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  expect(await ask(project)).toMatchObject({
    schema: 1,
    stack: 'down',
    down: { because: 'upkeep never started it', at: null },
    lastRestart: null,
  });
  await project.run(['start', '-d']);
  expect(await ask(project)).toMatchObject({
    stack: 'up',
    healthy: true,
    down: null,
    lastRestart: { by: 'hand', what: 'start' },
    refused: null,
    freshness: { verdict: 'fresh' },
    services: [],
  });
  await project.run(['restart']);
  expect(await say(project)).toMatch(
    /^up: `upkeep restart` by hand, \d\d:.*\nfresh: it runs what is on disk\n/,
  );
  expect(await say(project, 'web')).toMatch(/^web: ok, running, since .*, fresh/m);
  await project.run(['stop']);
  expect(await say(project)).toMatch(/^down: `upkeep stop` stopped it \(\d\d:/);
});

test('tells a start that found the stack up from one that started it', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const first = await ask(project);
  await project.run(['start', '-d']);
  expect((await ask(project)).lastRestart).toEqual(first.lastRestart);
});

test('names the files that make it stale', async () => {
  await using project = await temporaryProject({ files: { 'src/a.txt': '1' } });
  const command = `${project.services.command('web')} src/a.txt`;
  project.declare({ web: { command } });
  project.git('add', '.');
  await project.run(['start', '-d']);
  project.write('src/a.txt', '2');
  expect(await ask(project)).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ axis: 'code', path: 'src/a.txt', detail: 'changed' }] },
    next: ['upkeep restart'],
  });
  expect(await say(project)).toMatch(/^stale: src\/a\.txt changed$/m);
});

test('says what was refused since, and in which of the files', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const wrong = project.write('base.yaml', 'processes: { web: { comand: x } }\n');
  project.write('process-compose.yaml', 'extends: base.yaml\n');
  expect(await project.run(['restart'])).toMatchObject({ code: 6 });
  expect(await ask(project)).toMatchObject({
    stack: 'up',
    lastRestart: { what: 'start' },
    refused: { what: 'upkeep restart', failure: { reason: 'stack-config-bad' } },
  });
  expect((await project.run(['why'])).stdout).toContain(`${wrong}:1:`);
});

test('says why a service does not run: its exit code and last lines, and the first cause of those that wait', async () => {
  await using project = await temporaryProject();
  const needs = (name: string) => ({ [name]: { condition: 'process_completed_successfully' } });
  project.declare({
    db: { command: project.services.command('db') },
    migrate: { command: 'true', depends_on: needs('db') },
    web: { command: 'sleep 60', depends_on: needs('migrate') },
  });
  const start = project.begin(['start', '-d']);
  // Not at once: process-compose runs what depends on a skipped service, if it comes to look after that was skipped.
  const db = await project.services.next('db');
  await db.print('out of disk');
  await db.exit(3);
  expect(await start.finished).toMatchObject({ code: 1 });
  await eventually('those that wait are skipped', async () =>
    (await project.status()).services.every(({ verdict }) => verdict === 'failed'),
  );
  const { services } = await ask(project);
  expect(services.map(({ name }) => name)).toEqual(['db', 'migrate', 'web']);
  expect(services[0]).toMatchObject({
    verdict: 'failed',
    exitCode: 3,
    lastLog: ['out of disk'],
    blockedBy: [],
  });
  expect(services[2]?.blockedBy.map(({ name }) => name)).toEqual(['migrate', 'db']);
  const all = await say(project);
  expect(all).toMatch(/^db: failed, exited with 3/m);
  expect(all).toContain('db | out of disk');
  expect(all).toMatch(/^web: .*because of db: exited with 3/m);
  const web = await say(project, 'web');
  expect(web).toMatch(/it waits for migrate \(process_completed_successfully\), which is failed/);
  expect(web).toMatch(/it waits for db \(process_completed_successfully\), which is failed: exited with 3/);
});

test('says that the supervisor was killed, and what it left', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  for (const server of project.servers) signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => project.servers.length === 0);
  expect(await ask(project)).toMatchObject({
    stack: 'down',
    down: { because: expect.stringMatching(/killed or crashed, and left 1 process behind/) },
    lastRestart: { what: 'start' },
  });
});

test('tells of a restart by the watcher and its cause', async () => {
  await using project = await temporaryProject({ files: { 'src/a.txt': '1' } });
  project.declare({ web: { command: `${project.services.command('web')} src/a.txt` } });
  project.git('add', '.');
  await project.run(['start', '-d']);
  await project.services.next('web');
  const watch = project.begin(['watch']);
  await watch.says(/watching/);
  project.write('src/a.txt', '2');
  await project.services.next('web');
  await watch.says(/restarted, /);
  watch.signal('SIGINT');
  await watch.finished;
  expect(await ask(project)).toMatchObject({
    lastRestart: {
      by: 'watcher',
      cause: { paths: ['src/a.txt'] },
      outcome: 'ok',
      downtimeMs: expect.any(Number),
    },
  });
  expect(await say(project)).toMatch(/restarted by the watcher, .*: src\/a\.txt changed \(ok, .* down\)/);
});

test('refuses a name that is no service, and lists those that there are', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  expect(await project.run(['why', 'wbe'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('web'),
  });
});
