import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProcessReport } from '../../src/core/process-report.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readTable } from '../../src/processes/table.ts';
import { Decoys } from '../rig/decoys.ts';
import type { ExternalStack } from '../rig/external.ts';
import { headless } from '../rig/external.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import type { ServiceRun } from '../rig/service.ts';
import { program } from '../rig/programs.ts';
import type { Shape } from '../rig/shapes.ts';
import { plainShapes, realShapes } from '../rig/shapes.ts';
import { eventually } from '../rig/until.ts';

/** `process-compose up` by hand, and its SIGKILL before upkeep ever looked. */
async function killedBeforeAnyLook(
  project: TestProject,
  env: Readonly<Record<string, string>> = {},
): Promise<{ web: ServiceRun; port: number }> {
  const port = await freePort();
  project.declareServices({ web: port });
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') }, [], env);
  const web = await project.services.next('web');
  await kill(external);
  return { web, port };
}

async function kill({ server }: ExternalStack): Promise<void> {
  signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
}

const suspects = async (project: TestProject): Promise<readonly number[]> =>
  (await project.status()).suspects.map(({ pid }) => pid);

test('what outlived a server that upkeep never saw is named by status, ps, doctor and port, with what ends it', async () => {
  await using project = await temporaryProject();
  const { web, port } = await killedBeforeAnyLook(project);
  expect(await project.status()).toMatchObject({
    stack: 'down',
    orphans: [],
    suspects: [{ pid: web.pid, service: 'web', evidence: ['service', 'directory', 'orphan'] }],
    next: [`upkeep reap ${web.pid}`, 'upkeep start'],
  });
  expect(await project.run(['status'])).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/looks like a service that lost its supervisor \(1\):/),
  });
  const ps = await project.run(['ps', '--json']);
  expect((ps.json() as { processes: ProcessReport[] }).processes).toMatchObject([
    { pid: web.pid, class: 'suspect', stray: true, leftover: false },
  ]);
  const move = `\`upkeep reap ${web.pid}\``;
  expect((await project.run(['ps'])).stderr).toContain(move);
  expect((await project.run(['doctor'])).all).toContain(`upkeep reap ${web.pid}`);
  expect(await project.run(['port', String(port)])).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(move),
  });
  // Neither is a proof: whoever does not name it does not end it.
  expect(await project.run(['start', '-d'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(move),
  });
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: expect.stringContaining(move) });
  expect(await project.run(['reap'])).toMatchObject({ code: 0, stdout: expect.stringContaining(move) });
  expect([web.alive, web.termed]).toEqual([true, false]);

  expect((await project.run(['reap', `${web.pid}`, '--dry-run'])).stdout).toMatch(/^end pid \d+ \(web\)/m);
  expect(web.alive).toBe(true);
  expect(await project.run(['reap', `${web.pid}`])).toMatchObject({ code: 0 });
  await web.gotTerm();
  expect([web.alive, await isFree(port)]).toEqual([false, true]);
  expect(await suspects(project)).toEqual([]);
});

test('naming a service names its shell, its children and its group, and nothing that left its session', async () => {
  await using project = await temporaryProject();
  project.declare({ web: { command: `${project.services.command('web').replace(/^exec /, '')}; true` } });
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  const web = await project.services.next('web');
  await web.spawn({ name: 'child', clean: true });
  await web.spawn({ name: 'browser', session: true, pipes: false });
  const [child, browser] = [await project.services.next('child'), await project.services.next('browser')];
  await kill(external);
  const [shell] = await suspects(project);
  expect(shell).not.toBe(web.pid);
  expect(await project.run(['reap', `${shell}`])).toMatchObject({ code: 0 });
  const spared = browser.alive && !browser.termed;
  browser.signal('SIGKILL');
  expect([web.alive, child.alive, spared]).toEqual([false, false, true]);
  expect(await suspects(project)).toEqual([]);
});

test('a stack that runs beside what an unseen one left says so, and restart leaves that alone', async () => {
  await using project = await temporaryProject();
  const { web } = await killedBeforeAnyLook(project);
  project.declareServices({ web: await freePort() });
  const start = await project.run(['start', '-d']);
  expect(start).toMatchObject({ code: 0, stderr: expect.stringContaining(`upkeep reap ${web.pid}`) });
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect([web.alive, web.termed]).toEqual([true, false]);
  expect(await project.run(['reap', `${web.pid}`])).toMatchObject({ code: 0 });
  expect(web.alive).toBe(false);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('redis, nginx and perl, which overwrite their environment, are named by their unread output', async () => {
  await using project = await temporaryProject();
  const { nginx } = await realShapes(project);
  const { renamed, shell } = plainShapes();
  const port = await freePort();
  // What works outside of the tree is nobody's: redis goes where its data lies.
  const redis: Shape = {
    service: { command: `exec ${program('redis-server')} --port ${port} --save '' --dir ${project.root}` },
    processes: () =>
      readTable().filter(({ command }) => command.includes('redis-server') && command.endsWith(`:${port}`)),
  };
  const shapes = Object.entries({ nginx, redis, renamed, shell }) as [string, Shape][];
  project.declare(
    Object.fromEntries(
      shapes.map(
        ([
          name,
          {
            service: { command },
          },
        ]) => [name, { command }],
      ),
    ),
  );
  const external = await headless(project, { kind: 'unix', path: join(project.home, 'pc.sock') });
  for (const [name, shape] of shapes)
    await eventually(`a process of ${name}`, () => shape.processes().length > 0);
  const before = shapes.flatMap(([, shape]) => shape.processes());
  try {
    await kill(external);
    const { suspects: seen } = await project.status();
    expect(seen.map(({ evidence }) => evidence[0]).toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
      'service',
      'unread',
      'unread',
      'unread',
    ]);
    expect(await project.run(['reap', ...seen.map(({ pid }) => String(pid))])).toMatchObject({ code: 0 });
    expect(before.filter(isAlive)).toEqual([]);
  } finally {
    // The rig finds what is left by its environment, which these have not.
    for (const row of before) signalProcess(row, 'SIGKILL');
  }
});

test('no decoy looks like one, and none can be named', async () => {
  await using project = await temporaryProject();
  const { web } = await killedBeforeAnyLook(project);
  await using decoys = await Decoys.around(project, web.name);
  const root = { cwd: project.root };
  const inherited = { PC_PROC_NAME: 'web', PC_REPLICA_NUM: '0', DEVENV_ROOT: project.root };
  // As a tmux server that a service started, and as somebody who works in a shell of it.
  await decoys.add('tmux server', { ...root, env: inherited, session: true });
  await decoys.add('agent', { ...root, env: inherited });
  // As a job of a shell that has ended: an orphan that leads its group, with its output on /dev/null.
  const job = 'exit 0 if fork; setpgrp(0, 0);';
  await decoys.add('job', { ...root, before: job, forks: true });
  expect(await suspects(project)).toEqual([web.pid]);
  for (const decoy of decoys.all) {
    const refused = await project.run(['reap', String(decoy.pid)]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('was not touched') });
  }
  expect(await project.run(['reap', '1'])).toMatchObject({ code: 2 });
  expect(await project.run(['reap', '0'])).toMatchObject({ code: 2 });
  expect(await project.run(['reap', '-1'])).toMatchObject({ code: 2 });
  expect(await project.run(['reap', String(process.pid)])).toMatchObject({ code: 2 });
  expect(web.alive).toBe(true);
  expect(await project.run(['reap', `${web.pid}`])).toMatchObject({ code: 0 });
  expect(decoys.touched).toEqual([]);
});

test("another work tree's, a project's further down, and one's from our devenv shell are theirs", async () => {
  await using project = await temporaryProject();
  const beside = join(project.root, '../beside');
  project.git('worktree', 'add', '-q', '-b', 'beside', beside);
  const below = join(project.root, 'below');
  mkdirSync(below);
  const yaml = JSON.stringify({ processes: { web: { command: project.services.command('web') } } });
  project.write('process-compose.yaml', yaml);
  const runs = new Map<string, ServiceRun>();
  for (const cwd of [project.root, beside, below]) {
    await project.program(['cp', '-n', 'process-compose.yaml', cwd]).finished;
    const files = ['-f', join(cwd, 'process-compose.yaml')];
    const shell = { DEVENV_ROOT: project.root, PC_CONFIG_FILES: join(project.root, 'process-compose.yaml') };
    const argv = [
      '-u',
      join(project.home, `${runs.size}.sock`),
      '-t=false',
      '-L',
      join(project.home, 'pc.log'),
    ];
    project.program(['process-compose', ...argv, ...files, 'up'], { cwd, env: shell });
    runs.set(cwd, await project.services.next('web'));
  }
  for (const server of project.servers) signalProcess(server, 'SIGKILL');
  await eventually('the end of the servers', () => project.servers.length === 0);
  for (const [cwd, run] of runs) {
    const { suspects: seen } = await project.status({ cwd });
    expect(seen.map(({ pid }) => pid)).toEqual([run.pid]);
    const other = [...runs.values()].find((one) => one !== run && one.alive);
    if (other) expect(await project.run(['reap', `${other.pid}`], { cwd })).toMatchObject({ code: 2 });
    expect(await project.run(['reap', `${run.pid}`], { cwd })).toMatchObject({ code: 0 });
    expect(run.alive).toBe(false);
    if (other) expect(other.alive).toBe(true);
  }
});
