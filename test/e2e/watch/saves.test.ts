import { chmodSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pace } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import type { TestProject } from '../../rig/project.ts';
import { temporaryProject } from '../../rig/project.ts';
import { watch } from '../../rig/watching.ts';

/** Each way writes `text` to `path`, as an editor would. */
const ways: Readonly<Record<string, (project: TestProject, path: string, text: string) => void>> = {
  'in place': (project, path, text) => void project.write(path, text),
  'by rename': (project, path, text) =>
    renameSync(project.write(`${path}.new`, text), join(project.root, path)),
  'by a backup, as vim does': (project, path, text) => {
    renameSync(join(project.root, path), join(project.root, `${path}~`));
    project.write(path, text);
    rmSync(join(project.root, `${path}~`));
  },
  'by deleting and writing it anew': (project, path, text) => {
    rmSync(join(project.root, path));
    project.write(path, text);
  },
};

/** Beside the declared ports. */
function setQuiet(project: TestProject, watchSettings: object): void {
  const settings = JSON.parse(readFileSync(join(project.root, 'upkeep.yaml'), 'utf8')) as object;
  project.write('upkeep.yaml', JSON.stringify({ ...settings, watch: watchSettings }));
}

test('a save of a source is one restart, whichever way it is saved', async () => {
  await using project = await temporaryProject();
  for (const [nth] of Object.keys(ways).entries()) project.write(`src/${nth}.ts`, 'old');
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  for (const [nth, [way, save]] of Object.entries(ways).entries()) {
    const path = `src/${nth}.ts`;
    const restarts = await watching.restartsAtOnce(() => save(project, path, 'new'));
    expect(restarts, way).toMatchObject([
      { outcome: 'ok', cause: { trigger: 'change', paths: [path], count: 1 } },
    ]);
  }
  expect(await watching.restartsAfterBarrier(0, 'src/0.ts')).toHaveLength(Object.keys(ways).length);
  expect(project.services.of('web')).toHaveLength(1 + Object.keys(ways).length);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
});

test.each(Object.entries(ways))(
  'process-compose.yaml saved %s is one restart on what it says',
  async (_, save) => {
    await using project = await temporaryProject();
    const port = await freePort();
    project.declareServices({ web: port });
    await project.run(['start', '-d']);
    await project.services.next('web');
    await using watching = await watch(project);
    const text = readFileSync(join(project.root, 'process-compose.yaml'), 'utf8');
    const changed = text.replace('"command"', '"environment": ["VALUE=new"],\n"command"');
    const restarts = await watching.restartsAtOnce(() => save(project, 'process-compose.yaml', changed));
    expect(restarts).toMatchObject([{ cause: { paths: ['process-compose.yaml'] } }]);
    expect((await project.services.next('web')).env).toMatchObject({ VALUE: 'new' });
    expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toHaveLength(1);
  },
);

test('process-compose.yaml that is gone for a while stops nothing, and what comes in its place is seen', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const before = project.stack;
  const path = join(project.root, 'process-compose.yaml');
  const text = readFileSync(path, 'utf8');
  rmSync(path);
  await watching.next('config.bad');
  expect(await watching.rests()).toBe('config-bad');
  expect(project.stack).toEqual(before);
  const restarts = await watching.restarts(() =>
    project.write(
      'process-compose.yaml',
      text.replace('"command"', '"environment": ["VALUE=new"],\n"command"'),
    ),
  );
  expect(restarts).toMatchObject([{ cause: { paths: ['process-compose.yaml'] } }]);
  expect(await watching.restartsAfterBarrier(0, 'process-compose.yaml')).toHaveLength(1);
});

test.each(['chokidar', 'poll'])(
  'the engine %s sees saves of sources and of the configuration',
  async (engine) => {
    await using project = await temporaryProject();
    const port = await freePort();
    const declare = (value: string): void =>
      project.declare(
        {
          web: {
            command: project.services.command('web', '--listen', port),
            environment: [`VALUE=${value}`],
          },
        },
        { upkeep: { services: { web: { ports: [port] } }, watch: { engine, poll: '200ms' } } },
      );
    project.write('src/a.ts', 'old');
    declare('old');
    await project.run(['start', '-d']);
    await using watching = await watch(project);
    expect(watching.told('watch.ready')).toMatchObject([{ engine }]);
    expect(await watching.restarts(() => project.write('src/a.ts', 'new'))).toMatchObject([
      { cause: { paths: ['src/a.ts'] } },
    ]);
    expect(await watching.restartsAtOnce(() => declare('new'))).toMatchObject([
      { cause: { paths: ['process-compose.yaml'] } },
    ]);
    expect(project.services.of('web')).toHaveLength(3);
  },
);

test('200 files within a quarter of a second are one restart', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // A quiet period longer than any pause that a busy machine puts between two of them.
  setQuiet(project, { quiet: '2500ms' });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const restarts = await watching.restarts(async () => {
    for (let nth = 0; nth < 200; nth += 1) {
      project.write(`src/${nth % 7}/${nth}.ts`, `${nth}`);
      if (nth % 20 === 19) await pace(22);
    }
  });
  expect(restarts).toMatchObject([{ cause: { count: 200 } }]);
  expect(await watching.restartsAfterBarrier(0, 'src/0/0.ts')).toHaveLength(1);
  const change = watching.told('change')[0];
  expect(change?.paths).toHaveLength(5);
});

test('continuous writes are restarted for each time that the cap is reached, and end on the final content', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  setQuiet(project, { quiet: '2500ms', cap: '4s' });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const down = (): number => watching.told('restart.phase').filter(({ name }) => name === 'down').length;
  for (let nth = 0; down() < 2; nth += 1) {
    project.write('src/generated.ts', `${nth}`);
    await pace(50);
  }
  await watching.barrier('src/generated.ts');
  // None before its time: what is written meanwhile counts from its own first write.
  for (const { ms } of watching
    .told('restart.phase')
    .filter(({ name }) => name === 'settle')
    .slice(0, 2))
    expect(ms).toBeGreaterThanOrEqual(4_000);
  expect(down()).toBeLessThanOrEqual(3);
  expect(await project.status()).toMatchObject({ healthy: true, freshness: { verdict: 'fresh' } });
  expect(watching.told('suspended')).toEqual([]);
});

test('touch, chmod, the same bytes again and there-and-back edits are no restart', async () => {
  await using project = await temporaryProject();
  const path = join(project.root, project.write('src/a.ts', 'A').slice(project.root.length));
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const nothings: Readonly<Record<string, () => void>> = {
    touch: () => utimesSync(path, new Date(), new Date()),
    chmod: () => chmodSync(path, 0o755),
    'the same bytes': () => void project.write('src/a.ts', 'A'),
    'the same bytes by rename': () => renameSync(project.write('src/a.ts.new', 'A'), path),
    'there and back': () => {
      project.write('src/a.ts', 'B');
      project.write('src/a.ts', 'A');
    },
    'a file that comes and goes': () => rmSync(project.write('src/b.ts', 'B')),
    'the configuration touched': () =>
      utimesSync(join(project.root, 'process-compose.yaml'), new Date(), new Date()),
  };
  for (const act of Object.values(nothings)) {
    const mark = watching.mark();
    await watching.atOnce(act);
    await watching.next('no-change', {}, mark);
    await watching.rests();
  }
  expect(watching.told('restart.begin')).toEqual([]);
  expect(project.services.of('web')).toHaveLength(1);
});

test('a test, a document and what upkeep.yaml ignores are no restart, and each is named once', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.write('src/a.ts', 'A');
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    { upkeep: { '+ignore': ['generated/'] } },
  );
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  const leftOut = ['src/a.test.ts', 'README.md', 'generated/x.ts', 'test/deep/b.ts'];
  for (const text of ['1', '2']) {
    for (const path of leftOut) project.write(path, text);
    await watching.barrier('src/a.ts');
  }
  const named = watching.told('left-out');
  expect(named.map(({ path }) => path.replace(/\/$/, '')).toSorted()).toEqual(
    ['README.md', 'generated', 'src/a.test.ts', 'test'].toSorted(),
  );
  expect(named.map(({ because }) => because)).toEqual(expect.arrayContaining(['*.md', 'generated/']));
  expect(watching.told('restart.begin')).toEqual([]);
});

test('a source that only a service uses which reloads itself is no restart, and is named once', async () => {
  await using project = await temporaryProject();
  const [api, web] = [await freePort(), await freePort()];
  for (const path of ['api/a.ts', 'web/a.ts', 'shared/a.ts', 'misc/a.ts']) project.write(path, 'A');
  project.declare(
    {
      api: { command: project.services.command('api', '--listen', api), ports: [api] },
      web: { command: project.services.command('web', '--listen', web), ports: [web] },
    },
    {
      upkeep: {
        services: {
          api: { ports: [api], role: 'code', sources: ['api', 'shared'] },
          web: { ports: [web], role: 'self', sources: ['web', 'shared'] },
        },
      },
    },
  );
  await project.run(['start', '-d']);
  await using watching = await watch(project);
  for (const text of ['1', '2']) {
    project.write('web/a.ts', text);
    project.write('misc/a.ts', text);
    await watching.barrier('api/a.ts');
  }
  expect(watching.told('left-out')).toMatchObject([
    { path: 'web/a.ts', because: 'only web uses it, which reloads itself' },
    { path: 'misc/a.ts', because: 'no service runs on it' },
  ]);
  expect(watching.told('restart.begin')).toEqual([]);
  expect(await watching.restarts(() => project.write('shared/a.ts', 'B'))).toMatchObject([
    { cause: { paths: ['shared/a.ts'] } },
  ]);
});
