import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { temporaryProject } from '../../rig/project.ts';
import { eventually } from '../../rig/until.ts';
import { watch } from '../../rig/watching.ts';

const withValue = (text: string, value: string): string =>
  text.replace('"command"', `"environment": ["VALUE=${value}"],\n"command"`);

test.each([
  ['a syntax error', 'processes:\n  web: [\n', /flow|expected|\[/i],
  ['an unknown key', 'processes:\n  web:\n    comand: x\n', /comand/],
  [
    'an undefined dependency',
    'processes:\n  web:\n    command: x\n    depends_on:\n      nope: { condition: process_started }\n',
    /nope/,
  ],
  [
    'a circle',
    'processes:\n  a:\n    command: x\n    depends_on: { b: { condition: process_started } }\n  b:\n    command: x\n    depends_on: { a: { condition: process_started } }\n',
    /circular dependency/,
  ],
])(
  '%s in process-compose.yaml leaves every pid, says where, and its fix is one restart',
  async (_, yaml, words) => {
    await using project = await temporaryProject();
    project.declareServices({ web: await freePort() });
    const path = join(project.root, 'process-compose.yaml');
    const good = readFileSync(path, 'utf8');
    // Without the names of services that are not there now.
    const settings = readFileSync(join(project.root, 'upkeep.yaml'), 'utf8');
    await project.run(['start', '-d']);
    await using watching = await watch(project);
    const before = project.stack;
    const mark = watching.mark();
    await watching.atOnce(() => {
      if (!yaml.includes('web')) project.write('upkeep.yaml', '{}');
      project.write('process-compose.yaml', yaml);
    });
    const bad = await watching.next('config.bad');
    expect(bad).toMatchObject({
      file: path,
      line: expect.any(Number),
      column: expect.any(Number),
      message: expect.stringMatching(words),
    });
    // Another upkeep.yaml is watched anew, and looked at when that has begun.
    if (!yaml.includes('web')) await watching.next('watch.ready', {}, mark);
    expect(await watching.rests()).toBe('config-bad');
    expect(await project.status()).toMatchObject({
      stack: 'up',
      watch: { running: true, state: 'config-bad' },
    });
    expect(project.stack).toEqual(before);
    expect(watching.restartsSince(0)).toEqual([]);
    const restarts = await watching.restartsAtOnce(() => {
      project.write('upkeep.yaml', settings);
      project.write('process-compose.yaml', withValue(good, 'new'));
    });
    expect(restarts).toMatchObject([{ outcome: 'ok', cause: { paths: ['process-compose.yaml'] } }]);
    expect(watching.told('config.bad')).toHaveLength(1);
    expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toHaveLength(1);
  },
);

test('a broken configuration that is taken back is no restart, and the watcher is idle again', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const good = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  project.write('process-compose.yaml', 'processes: [');
  await watching.next('config.bad');
  expect(await watching.rests()).toBe('config-bad');
  project.write('process-compose.yaml', good);
  await watching.next('no-change');
  expect(await watching.rests()).toBe('idle');
  expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toEqual([]);
});

test('a comment and another layout of process-compose.yaml are no restart, and count as applied', async () => {
  await using project = await temporaryProject();
  project.write('barrier.ts', '');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const good = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  for (const text of [`# a word\n${good}`, JSON.stringify(JSON.parse(good))]) {
    const mark = watching.mark();
    project.write('process-compose.yaml', text);
    await watching.next('restart.end', { outcome: 'no-change' }, mark);
    expect(await watching.rests()).toBe('idle');
    expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
  }
  expect(await watching.restartsAfterBarrier(0, 'barrier.ts')).toEqual([]);
  expect(project.services.of('web')).toHaveLength(1);
});

test('a service that is added runs, one that is removed does not, each after one restart', async () => {
  await using project = await temporaryProject();
  const [web, api] = [await freePort(), await freePort()];
  project.declareServices({ web });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  expect(await watching.restartsAtOnce(() => project.declareServices({ web, api }))).toHaveLength(1);
  const names = (): readonly string[] => project.services.alive.map(({ name }) => name).toSorted();
  expect(names()).toEqual(['api', 'web']);
  expect(await watching.restartsAtOnce(() => project.declareServices({ api }))).toHaveLength(1);
  expect(names()).toEqual(['api']);
  expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toHaveLength(2);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test('without a code service the sources are not watched, until an edit brings one', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  const declare = (role: string): void =>
    project.declare(
      { web: { command: project.services.command('web', '--listen', port), environment: [`ROLE=${role}`] } },
      { upkeep: { services: { web: { role, ports: [port] } } } },
    );
  project.write('src/a.ts', 'old');
  declare('self');
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  expect(watching.told('watch.ready')).toMatchObject([{ trees: false }]);
  project.write('src/a.ts', 'new');
  await watching.barrier('process-compose.yaml');
  // Each as often as its events came in parts.
  const changed = new Set(watching.told('change').flatMap(({ paths }) => paths));
  expect([...changed]).toEqual(['process-compose.yaml']);
  expect(await watching.restartsAtOnce(() => declare('code'))).toHaveLength(1);
  expect(await watching.restarts(() => project.write('src/a.ts', 'newer'))).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
  ]);
  expect(await watching.restartsAtOnce(() => declare('self'))).toHaveLength(1);
  const mark = watching.mark();
  project.write('src/a.ts', 'newest');
  expect(await watching.restartsAfterBarrier(mark, 'process-compose.yaml')).toEqual([]);
});

test('upkeep.yaml is read again: what it ignores now is left out, and what is wrong in it is told', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  const declare = (upkeep: object): void =>
    project.declare(
      { web: { command: project.services.command('web', '--listen', port) } },
      { upkeep: { services: { web: { ports: [port] } }, ...upkeep } },
    );
  project.write('src/a.ts', 'old');
  project.write('generated.ts', 'old');
  declare({});
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  await watching.atOnce(() => declare({ ignroe: ['generated.ts'] }));
  expect(await watching.next('config.bad')).toMatchObject({
    file: join(project.root, 'upkeep.yaml'),
    line: expect.any(Number),
    message: expect.stringContaining('ignroe'),
  });
  expect(await watching.rests()).toBe('config-bad');
  const mark = watching.mark();
  // What it runs on is another set of files now, and nobody knows whether they are as they were at the start.
  await watching.restartsAtOnce(() => declare({ '+ignore': ['generated.ts'] }));
  await watching.next('watch.ready', {}, mark);
  project.write('generated.ts', 'new');
  await watching.barrier('src/a.ts');
  expect(watching.told('left-out')).toMatchObject([{ path: 'generated.ts', because: 'generated.ts' }]);
  expect(watching.restartsSince(0)).toHaveLength(1);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
});

test('an edit of upkeep.yaml that changes neither sources nor services is no restart', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const settings = readFileSync(join(project.root, 'upkeep.yaml'), 'utf8');
  project.write('upkeep.yaml', `# a word\n${settings}`);
  await watching.next('restart.end', { outcome: 'no-change' });
  project.write('upkeep.yaml', settings.replace('{', '{ "watch": { "quiet": "200ms" },'));
  await watching.until('the watch begun anew', ({ event }) => event === 'watch.ready', 1);
  expect(await watching.restartsAfterBarrier(0, 'upkeep.yaml')).toEqual([]);
  expect(await project.status()).toMatchObject({ freshness: { verdict: 'fresh' } });
});

test('a configuration that is bad when the watch begins is told, and its fix and later saves are seen', async () => {
  await using project = await temporaryProject();
  project.write('src/a.ts', 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const good = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
  project.write('process-compose.yaml', 'processes: [');
  await using watching = await watch(project);
  await watching.next('config.bad');
  expect(await watching.rests()).toBe('config-bad');
  project.write('process-compose.yaml', good);
  await eventually('the watcher is idle', () => watching.state() === 'idle');
  expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toMatchObject([
    { cause: { paths: ['src/a.ts'] } },
  ]);
  expect(watching.restartsSince(0)).toHaveLength(1);
});

test('a dotenv file that git ignores, and a file that is extended elsewhere, are watched', async () => {
  await using project = await temporaryProject({ at: 'app' });
  const port = await freePort();
  const web = { command: project.services.command('web', '--listen', port), environment: ['SHARED=old'] };
  const base = (value: string): string =>
    JSON.stringify({ processes: { web: { ...web, environment: [`SHARED=${value}`] } } });
  project.write('../base.yaml', base('old'));
  project.write('process-compose.yaml', JSON.stringify({ extends: '../base.yaml', processes: {} }));
  project.write('upkeep.yaml', JSON.stringify({ services: { web: { ports: [port] } } }));
  project.write('.gitignore', '.env\n');
  project.write('.env', 'SECRET=old\n');
  await project.run(['start', '-d']);
  expect((await project.services.next('web')).env).toMatchObject({ SHARED: 'old', SECRET: 'old' });
  await using watching = await watch(project);
  expect(await watching.restarts(() => project.write('.env', 'SECRET=new\n'))).toMatchObject([
    { cause: { paths: ['.env'] } },
  ]);
  expect((await project.services.next('web')).env).toMatchObject({ SHARED: 'old', SECRET: 'new' });
  expect(await watching.restarts(() => project.write('../base.yaml', base('new')))).toHaveLength(1);
  expect((await project.services.next('web')).env).toMatchObject({ SHARED: 'new', SECRET: 'new' });
  expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toHaveLength(2);
});
