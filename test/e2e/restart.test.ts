import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDescriptors } from '../../src/processes/descriptors.ts';
import { readEnvironment } from '../../src/processes/evidence.ts';
import { readRow } from '../../src/processes/table.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** The lock is free again: only the waiting is left. */
const waitsForReadiness = (project: TestProject): Promise<boolean> =>
  eventually('it waits for readiness', () => {
    const intent = readFileSync(join(project.stateDir, 'intent.json'), 'utf8');
    return (JSON.parse(intent) as { outcome: string }).outcome === 'done';
  });

test('restart brings everything down and up again, on the same endpoint, in the background', async () => {
  await using project = await temporaryProject();
  const ports = { web: await freePort(), db: await freePort() };
  project.declareServices(ports);
  await project.run(['start', '-d']);
  const before = await project.status();
  const old = await Promise.all(['web', 'db'].map((name) => project.services.next(name)));
  const restart = await project.run(['restart']);
  expect(restart).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^up {2}/) });
  const after = await project.status();
  expect(old.some((run) => run.alive)).toBe(false);
  expect(after).toMatchObject({ stack: 'up', healthy: true, freshness: { verdict: 'fresh' } });
  expect(after.instance?.endpoint).toBe(before.instance?.endpoint);
  expect(after.instance?.pid).not.toBe(before.instance?.pid);
  expect(project.servers).toHaveLength(1);
});

test('restart of a stack that is down starts it', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  expect(await project.run(['restart'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^up {2}/) });
});

test('restart takes the configuration that is on disk: what was added runs, what was removed does not', async () => {
  await using project = await temporaryProject();
  const [web, db, api] = [await freePort(), await freePort(), await freePort()];
  project.declareServices({ web, db });
  await project.run(['start', '-d']);
  project.declareServices({ web, api });
  expect(await project.status()).toMatchObject({
    freshness: { verdict: 'stale', reasons: [{ axis: 'config' }, {}] },
  });
  const restart = await project.run(['restart', '--json']);
  expect(restart.code).toBe(0);
  expect(restart.json()).toMatchObject({
    services: [{ name: 'api' }, { name: 'web' }],
    freshness: { verdict: 'fresh' },
  });
  expect(project.services.alive.map(({ name }) => name).toSorted()).toEqual(['api', 'web']);
});

test.each([
  ['a syntax error', 'processes:\n  web: [\n', /process-compose\.yaml:\d+:\d+: /],
  ['an unknown key', 'processes:\n  web:\n    comand: x\n', /process-compose\.yaml:3:5: .*comand/],
  [
    'an undefined dependency',
    'processes:\n  web:\n    command: x\n    depends_on:\n      nope: { condition: process_started }\n',
    /process-compose\.yaml:5:7: .*nope/,
  ],
  [
    'a circle',
    'processes:\n  a:\n    command: x\n    depends_on: { b: { condition: process_started } }\n  b:\n    command: x\n    depends_on: { a: { condition: process_started } }\n',
    /process-compose\.yaml:\d+:\d+: circular dependency/,
  ],
])(
  'a configuration with %s stops nothing: exit 6, the place, and every pid as it was',
  async (_, yaml, place) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    await project.run(['start', '-d']);
    const before = project.living.map(({ pid }) => pid);
    const good = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
    project.write('process-compose.yaml', yaml);
    project.write('upkeep.yaml', '');
    const restart = await project.run(['restart']);
    expect(restart.code).toBe(6);
    expect(restart.stderr).toMatch(place);
    expect(restart.stderr).toContain('Nothing was touched.');
    expect(project.living.map(({ pid }) => pid)).toEqual(before);
    project.write('process-compose.yaml', good);
    expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  },
);

test('a broken save during the stop leaves the last good configuration running, and says so', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const restart = project.begin(['restart']);
  await web.gotTerm();
  project.write('process-compose.yaml', 'processes:\n  web: [\n');
  await web.exit(0);
  const restarted = await restart.finished;
  expect(restarted.code).toBe(6);
  expect(restarted.stderr).toMatch(/process-compose\.yaml:\d+:\d+: /);
  expect(restarted.stderr).toContain('The last good configuration is running.');
  expect(await project.services.next('web')).toMatchObject({ alive: true });
  expect(await project.status()).toMatchObject({ stack: 'up', freshness: { verdict: 'stale' } });
});

test('a good save during the stop is what is started', async () => {
  await using project = await temporaryProject();
  const [web, api] = [await freePort(), await freePort()];
  project.declareServices({ web }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const first = await project.services.next('web');
  const restart = project.begin(['restart', '--json']);
  await first.gotTerm();
  project.declareServices({ api });
  await first.exit(0);
  const restarted = await restart.finished;
  expect(restarted).toMatchObject({ code: 0 });
  expect(restarted.json()).toMatchObject({
    services: [{ name: 'api', verdict: 'ok' }],
    freshness: { verdict: 'fresh' },
  });
});

test("the environment of the start is used by every later restart, and --fresh-env takes the caller's", async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d'], {
    env: { FLAVOUR: 'first', GIT_DIR: '/nowhere', npm_config_x: '1', HUSKY: '1' },
  });
  const first = await project.services.next('web');
  expect(first.env).toMatchObject({ FLAVOUR: 'first' });
  await project.run(['restart'], {
    env: { FLAVOUR: 'second', OTHER: '1', GIT_INDEX_FILE: 'x', PC_SOCKET_PATH: '/x' },
  });
  const second = await project.services.next('web');
  expect(withoutInstance(second.env)).toEqual(withoutInstance(first.env));
  for (const name of Object.keys(second.env))
    expect(name).not.toMatch(/^(?:GIT_|npm_|HUSKY|PC_(?!PROC_NAME|REPLICA_NUM|SOCKET_PATH))/);
  await project.run(['restart', '--fresh-env'], { env: { FLAVOUR: 'third' } });
  expect((await project.services.next('web')).env).toMatchObject({ FLAVOUR: 'third' });
});

const withoutInstance = ({ UPKEEP_INSTANCE: _, ...env }: Readonly<Record<string, string>>): object => env;

test('the record of the start holds no foreign variable and can be read by its owner alone', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d'], {
    env: { SECRET: 's', GIT_DIR: '/nowhere', TMUX: 'x', VSCODE_PID: '1' },
  });
  const path = join(project.stateDir, 'start.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(project.stateDir).mode & 0o777).toBe(0o700);
  const { env } = JSON.parse(readFileSync(path, 'utf8')) as { env: object };
  expect(env).toMatchObject({ SECRET: 's', HOME: project.home });
  expect(Object.keys(env).filter((name) => /^(?:GIT_|TMUX|VSCODE_)/.test(name))).toEqual([]);
});

test('every process carries marker and canary, and is in the ledger', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({ name: 'worker' });
  await project.services.next('worker');
  await project.run(['restart']);
  const again = await project.services.next('web');
  const { instance } = await project.status();
  const { stateDir, key } = project;
  const canary = join(stateDir, 'instances', `${instance?.id}.canary`);
  expect(project.living.length).toBeGreaterThanOrEqual(2);
  for (const { pid } of project.living) {
    expect(readEnvironment(pid)?.['UPKEEP_INSTANCE']).toBe(`${key}.${instance?.id}`);
    expect(statSync(`/proc/${pid}/fd/63`).ino).toBe(statSync(canary).ino);
  }
  const records = readdirSync(join(stateDir, 'instances')).filter((name) => name.endsWith('.json'));
  expect(records).toEqual([`${instance?.id}.json`]);
  const record = JSON.parse(readFileSync(join(stateDir, 'instances', records[0] ?? ''), 'utf8')) as object;
  expect(record).toMatchObject({
    server: { pid: instance?.pid },
    members: expect.arrayContaining([expect.objectContaining({ pid: again.pid, service: 'web' })]),
  });
});

test('two restarts at once: the second waits, both succeed, one stack is left', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const both = await Promise.all([project.run(['restart']), project.run(['restart'])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test('a restart that waits for readiness when another one begins waits for the stack of that one', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({ slow: { command: project.services.command('slow'), ports: [port] } });
  const first = project.begin(['restart']);
  await project.services.next('slow');
  await waitsForReadiness(project);
  // The outcome is written while the lock is still held: stopped right there, it would hold it for good.
  const lock = join(project.stateDir, 'lock');
  await eventually(
    'it gave the lock back',
    () => !readDescriptors(first.pid).some(({ link }) => link === lock),
  );
  // It sees nothing of the moment without a server, as on a machine that stands still.
  first.signal('SIGSTOP');
  await eventually('it stands still', () => readRow(first.pid)?.state === 'T');
  const second = project.begin(['restart']);
  const slow = await project.services.next('slow');
  await waitsForReadiness(project);
  first.signal('SIGCONT');
  await first.says(/restarted meanwhile/);
  await slow.listen(port);
  expect((await first.finished).code).toBe(0);
  expect((await second.finished).code).toBe(0);
  expect(project.services.of('slow')).toHaveLength(2);
});

test('a start that waits for readiness while the stack is stopped says so at once', async () => {
  await using project = await temporaryProject();
  project.declare({ slow: { command: project.services.command('slow'), ports: [await freePort()] } });
  const start = project.begin(['start', '-d']);
  await project.services.next('slow');
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  const started = await start.finished;
  expect(started.code).toBe(3);
  expect(started.stderr).toMatch(/stopped/);
});

test('restart --dry-run prints the plan and touches nothing', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  const before = project.living.map(({ pid }) => pid);
  const plan = await project.run(['restart', '--dry-run']);
  expect(plan.code).toBe(0);
  expect(plan.stdout).toMatch(
    /validated: .*process-compose\.yaml\nstop: process-compose \(pid \d+\) and 1 process.*\nverify: port.* \d+/,
  );
  expect(plan.stdout).toMatch(/start: web on unix:/);
  expect((await project.run(['restart', '--dry-run', '--json'])).json()).toMatchObject({ schema: 1 });
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
});

test('what an old process left is not taken for the new one: its port is free before the start', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web'), ports: [port] } },
    { upkeep: { stop: { grace: '400ms' } } },
  );
  const start = project.begin(['start', '-d']);
  const web = await project.services.next('web');
  await web.spawn({
    name: 'daemon',
    flags: ['--listen', `${port}`, '--ignore-term'],
    session: true,
    pipes: false,
  });
  const daemon = await project.services.next('daemon');
  expect((await start.finished).code).toBe(0);
  const restart = project.begin(['restart']);
  const again = await project.services.next('web');
  expect(daemon.alive).toBe(false);
  await again.listen(port);
  expect((await restart.finished).code).toBe(0);
});
