import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';

/** Every verb that reads or changes something, in the order in which it would do most harm. */
const verbs = [
  ['status'],
  ['health'],
  ['logs'],
  ['ps', '--all'],
  ['doctor'],
  ['why'],
  ['port', 'web'],
  ['reap'],
  ['restart', '--dry-run'],
  ['start', '-d'],
  ['restart'],
  ['stop'],
];

async function started(): Promise<TestProject> {
  const project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  await project.services.next('web');
  return project;
}

const pids = (project: TestProject): number[] => project.living.map(({ pid }) => pid);

test('no verb of one project touches another one with the same configuration beside it', async () => {
  await using a = await started();
  await using b = await temporaryProject();
  const yaml = readFileSync(join(a.root, 'process-compose.yaml'), 'utf8');
  b.write('process-compose.yaml', yaml.replaceAll('"--listen",', '').replaceAll(/ --listen \d+/g, ''));
  const before = pids(a);
  for (const verb of verbs) await b.run(verb);
  expect(pids(a)).toEqual(before);
  expect(await a.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('variables that point at another project change nothing', async () => {
  await using a = await started();
  await using b = await temporaryProject();
  b.declareServices({ own: await freePort() });
  const env = {
    PC_SOCKET_PATH: a.socket,
    PC_CONFIG_FILES: join(a.root, 'process-compose.yaml'),
    PC_NO_SERVER: '1',
    PC_DISABLE_TUI: '1',
    DEVENV_ROOT: a.root,
    UPKEEP_INSTANCE: `${a.key}.00000000-0000-4000-8000-000000000000`,
  };
  const before = pids(a);
  expect(await b.status({ env })).toMatchObject({ root: b.root, stack: 'down' });
  expect(await b.run(['start', '-d'], { env })).toMatchObject({ code: 0 });
  expect(await b.status({ env })).toMatchObject({ root: b.root, stack: 'up', services: [{ name: 'own' }] });
  const own = await b.services.next('own');
  expect(own.env['UPKEEP_INSTANCE']).toMatch(new RegExp(`^${b.key}\\.`));
  expect(await b.run(['restart'], { env })).toMatchObject({ code: 0 });
  expect(await b.run(['stop'], { env })).toMatchObject({ code: 0 });
  expect(pids(a)).toEqual(before);
  expect(await a.status()).toMatchObject({ stack: 'up', healthy: true });
});

test("a server of B on a socket of A is B's: A says who sits there and leaves it alone", async () => {
  await using a = await temporaryProject();
  await using b = await temporaryProject();
  a.declareServices({ web: await freePort() });
  b.declareServices({ own: await freePort() });
  // What `process-compose up` in B does in a shell that has A's variables.
  mkdirSync(join(a.socket, '..'), { recursive: true, mode: 0o700 });
  const external = await headless(b, { kind: 'unix', path: a.socket });
  await b.services.next('own');
  expect(await a.status()).toMatchObject({ stack: 'down', instance: null });
  for (const verb of [['start', '-d'], ['restart'], ['stop']]) {
    const refused = await a.run(verb);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(new RegExp(`pid ${external.server.pid} .*${b.root}`));
  }
  expect(await b.status()).toMatchObject({
    stack: 'up',
    instance: { owner: 'external', pid: external.server.pid },
  });
  expect(external.alive()).toBe(true);
  expect(await b.run(['stop'])).toMatchObject({ code: 0 });
  expect(existsSync(a.socket)).toBe(false);
});

test('an editor in the same directory, the same command elsewhere and a shell with our variables survive', async () => {
  await using project = await started();
  const [web] = project.services.of('web');
  const forever = ['-e', 'setInterval(() => {}, 1e6)', 'up', '-f', 'process-compose.yaml'];
  const decoy = (argv0: string, cwd: string, env: NodeJS.ProcessEnv = {}) =>
    spawn(process.execPath, forever, { argv0, cwd, env, stdio: 'ignore' });
  const decoys = [
    decoy('vim', project.root),
    decoy('process-compose', project.root),
    decoy(`web ${project.root}`, '/usr'),
    decoy('node', project.root, {
      PC_PROC_NAME: 'web',
      PC_SOCKET_PATH: project.socket,
      DEVENV_ROOT: project.root,
    }),
  ];
  try {
    await Promise.all(decoys.map((one) => once(one, 'spawn')));
    await project.run(['restart']);
    await project.run(['stop']);
    expect(web?.alive).toBe(false);
    expect(decoys.map((one) => [one.exitCode, one.signalCode])).toEqual(decoys.map(() => [null, null]));
  } finally {
    for (const one of decoys) one.kill('SIGKILL');
  }
});

test('two projects in one work tree have a stack, a state and a socket each', async () => {
  await using outer = await temporaryProject();
  outer.declareServices({ web: await freePort() });
  const inner = join(outer.root, 'packages/api');
  const command = outer.services.command('api', '--listen', await freePort());
  outer.write('packages/api/process-compose.yaml', JSON.stringify({ processes: { api: { command } } }));
  const inInner = { cwd: join(inner, 'src') };
  mkdirSync(inInner.cwd);
  expect(await outer.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await outer.run(['start', '-d'], inInner)).toMatchObject({ code: 0 });
  expect(await outer.status()).toMatchObject({ root: outer.root, services: [{ name: 'web' }], stack: 'up' });
  expect(await outer.status(inInner)).toMatchObject({
    root: inner,
    services: [{ name: 'api' }],
    stack: 'up',
  });
  expect(await outer.run(['stop', '-C', outer.root], inInner)).toMatchObject({ code: 0 });
  expect(outer.services.alive.map(({ name }) => name)).toEqual(['api']);
  expect(await outer.run(['stop'], inInner)).toMatchObject({ code: 0 });
  expect(outer.services.alive).toEqual([]);
});

test("a project that is started from inside a service of another one is that other one's neighbour, not its part", async () => {
  await using outer = await started();
  await using inner = await temporaryProject();
  inner.declareServices({ own: await freePort() });
  const [web] = outer.services.of('web');
  const env = { UPKEEP_INSTANCE: web?.env['UPKEEP_INSTANCE'] ?? '', PC_PROC_NAME: 'web' };
  expect(await inner.run(['start', '-d'], { env })).toMatchObject({ code: 0 });
  expect(await outer.run(['stop'])).toMatchObject({ code: 0 });
  expect(inner.services.alive).toHaveLength(1);
  expect(await inner.status()).toMatchObject({ stack: 'up' });
});
