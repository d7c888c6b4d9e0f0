import { expect, test } from 'vitest';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

const keys = (value: unknown): string[] => Object.keys(value as object).toSorted();

test('status --json has the fields of schema 1', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare({
    web: { command: project.services.command('web', '--listen', port), ports: [port] },
    bad: { command: 'for i in $(seq 30); do echo line $$i; done; exit 3' },
    task: { command: 'true' },
    after: { command: 'sleep 1000', depends_on: { task: { condition: 'process_completed_successfully' } } },
    off: { command: 'true', disabled: true },
  });
  await project.run(['start', '-d']);
  // It does not wait for the others when one has failed.
  await project.services.next('web');
  await eventually('all of them are where they will stay', async () => {
    const { services } = await project.status();
    return services.every(({ verdict }) => verdict !== 'starting');
  });
  const ran = await project.run(['status', '--json']);
  expect(ran.code).toBe(1);
  const report = ran.json() as Awaited<ReturnType<typeof project.status>>;
  expect(keys(report)).toEqual(
    [
      'backend',
      'desired',
      'freshness',
      'healthy',
      'instance',
      'manager',
      'next',
      'orphans',
      'root',
      'schema',
    ].concat(['services', 'stack', 'suspects', 'unfinished', 'watch']),
  );
  expect(report).toMatchObject({
    schema: 1,
    root: project.root,
    backend: 'process-compose',
    manager: 'process-compose',
    stack: 'degraded',
    desired: 'up',
    healthy: false,
    freshness: { verdict: 'fresh', reasons: [] },
    watch: { running: false, pid: null, state: 'off', engine: null, degraded: null, last: null },
    orphans: [],
    next: ['upkeep logs bad', 'upkeep restart'],
  });
  const { instance } = report;
  expect(keys(instance)).toEqual(['endpoint', 'id', 'owner', 'pid', 'startedAt', 'version']);
  expect(instance).toMatchObject({ owner: 'upkeep', endpoint: `unix:${project.socket}`, version: 'v1.87.0' });
  expect(Date.parse(instance?.startedAt ?? '')).toBeLessThanOrEqual(Date.now());
  const fields = [
    'desired',
    'exitCode',
    'fresh',
    'lastLog',
    'name',
    'pid',
    'ports',
    'ready',
    'restarts',
    'role',
  ];
  for (const service of report.services)
    expect(keys(service)).toEqual([...fields, 'roleBecause', 'startedAt', 'status', 'verdict', 'what']);
  const [web] = project.services.of('web');
  expect(Object.fromEntries(report.services.map((service) => [service.name, service]))).toMatchObject({
    web: {
      status: 'Running',
      ready: null,
      verdict: 'ok',
      pid: web?.pid,
      exitCode: null,
      ports: [port],
      lastLog: [],
    },
    bad: { status: 'Completed', verdict: 'failed', pid: null, exitCode: 3, startedAt: null },
    task: { verdict: 'done', role: 'task', exitCode: 0 },
    after: { verdict: 'ok' },
    off: { verdict: 'disabled' },
  });
  const bad = report.services.find(({ name }) => name === 'bad');
  expect(bad?.lastLog).toEqual(Array.from({ length: 20 }, (_, at) => `line ${at + 11}`));
});

test('every verb prints one JSON document and nothing else on stdout, up or down, well or not', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const verbs: readonly [args: string[], whenDown: number][] = [
    [['status'], 3],
    [['health'], 3],
    [['logs'], 3],
    [['attach'], 2],
    [['restart', '--dry-run'], 0],
    [['stop'], 0],
    [['start', '-d'], 0],
  ];
  for (const [args, code] of verbs) {
    const ran = await project.run([...args, '--json']);
    expect([args, ran.code]).toEqual([args, code]);
    expect(ran.json()).toMatchObject({ schema: 1 });
  }
  for (const args of [
    ['status'],
    ['health'],
    ['start', '-d'],
    ['start'],
    ['restart', '--dry-run'],
    ['restart'],
  ]) {
    const ran = await project.run([...args, '--json']);
    expect([args, ran.code]).toEqual([args, 0]);
    expect(ran.json()).toMatchObject({ schema: 1 });
  }
  project.write('process-compose.yaml', 'processes: [');
  for (const [args, code] of [
    [['status'], 0],
    [['health'], 0],
    [['restart'], 6],
    [['restart', '--dry-run'], 6],
    [['start', '-d'], 0],
    [['stop'], 0],
    [['start', '-d'], 6],
  ] as const) {
    const ran = await project.run([...args, '--json']);
    expect([args, ran.code]).toEqual([args, code]);
    expect(ran.json()).toMatchObject({ schema: 1 });
  }
  const refused = await project.run(['start', '-d', '--json']);
  expect(refused.json()).toMatchObject({
    ok: false,
    exitCode: 6,
    failure: {
      reason: 'stack-config-bad',
      untouched: true,
      problems: [{ file: `${project.root}/process-compose.yaml`, line: 1 }],
    },
  });
});

test('a broken save during a restart is one JSON document', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() }, { web: '--hold-term' });
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  const restart = project.begin(['restart', '--json']);
  await web.gotTerm();
  project.write('process-compose.yaml', 'processes: [');
  await web.exit(0);
  expect((await restart.finished).json()).toMatchObject({ exitCode: 6, failure: { untouched: false } });
});

test('logs --json is one document, and with -f a line for each line', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort(), db: await freePort() });
  await project.run(['start', '-d']);
  const [web, db] = [await project.services.next('web'), await project.services.next('db')];
  await db.print('from db');
  const follow = project.begin(['logs', '--json', '-f']);
  await follow.says(/from db/);
  await web.print('from \u001b[31mweb\u001b[0m');
  await follow.says(/from web/);
  expect((await project.run(['logs', '--json'])).json()).toEqual({
    schema: 1,
    services: [
      { name: 'db', lines: ['from db'], cut: false },
      { name: 'web', lines: ['from web'], cut: false },
    ],
  });
  follow.signal('SIGINT');
  const lines = (await follow.finished).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { service: 'db', line: 'from db' },
    { service: 'web', line: 'from web' },
  ]);
});

test('--quiet says only answers and failures', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  expect(await project.run(['start', '-q'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.run(['start', '-q'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.run(['health', '-q', 'nope'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no service/),
  });
});

test('there are no colours off a terminal, some with --color always, none with NO_COLOR', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const escape = '\u001b[';
  await project.run(['start', '-d']);
  expect((await project.run(['status'])).all).not.toContain(escape);
  expect((await project.run(['status', '--color', 'always'])).stdout).toContain(escape);
  expect((await project.run(['status'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(escape);
  expect((await project.run(['status'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).all).not.toContain(
    escape,
  );
});
