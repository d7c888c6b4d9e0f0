import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReapPlan } from '../../src/core/process-report.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { Decoys } from '../rig/decoys.ts';
import { headless } from '../rig/external.ts';
import { freePort, isFree } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import type { ServiceRun } from '../rig/service.ts';
import { eventually } from '../rig/until.ts';

const instances = (project: TestProject): string => join(project.stateDir, 'instances');
const plan = async (project: TestProject): Promise<ReapPlan> =>
  (await project.run(['reap', '--dry-run', '--json'])).json() as ReapPlan;

async function started(): Promise<{ project: TestProject; port: number; web: ServiceRun }> {
  const project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  return { project, port, web: await project.services.next('web') };
}

async function crash(project: TestProject): Promise<void> {
  for (const server of project.servers) signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => project.servers.length === 0);
}

test('ends what a crash left, removes its socket and its record, and leaves every decoy alone', async () => {
  const { project, port, web } = await started();
  await using _ = project;
  await web.spawn({ name: 'browser', session: true, pipes: false, cwd: '/usr' });
  const browser = await project.services.next('browser');
  await using decoys = await Decoys.around(project);
  await crash(project);
  const planned = await plan(project);
  expect(planned).toMatchObject({
    dryRun: true,
    processes: [{ pid: web.pid, service: 'web', leftover: true }],
    sockets: [project.socket],
    // Of a generation from which something still lives.
    records: [],
    detached: [{ pid: browser.pid }],
  });
  const said = (await project.run(['reap', '--dry-run'])).stdout;
  expect(said).toMatch(new RegExp(`^end pid ${web.pid} \\(web\\)`, 'm'));
  expect(web.alive).toBe(true);
  expect(existsSync(project.socket)).toBe(true);

  const reaped = await project.run(['reap']);
  expect(reaped).toMatchObject({ code: 0, stdout: said });
  const spared = browser.alive;
  browser.signal('SIGKILL');
  await web.gotTerm();
  expect([web.alive, spared]).toEqual([false, true]);
  expect(existsSync(project.socket)).toBe(false);
  expect(await isFree(port)).toBe(true);
  // The record goes with the last of them.
  await browser.ended();
  expect(await plan(project)).toMatchObject({
    records: [{ path: expect.stringContaining(instances(project)) }],
  });
  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect(readdirSync(instances(project))).toEqual([]);
  expect(decoys.touched).toEqual([]);
});

test('prints one JSON document with the plan that it carried out, and has nothing to do the second time', async () => {
  const { project, web } = await started();
  await using _ = project;
  await crash(project);
  expect((await project.run(['reap', '--json'])).json()).toMatchObject({
    schema: 1,
    dryRun: false,
    processes: [{ pid: web.pid }],
    signals: [{ pid: web.pid, signal: 'SIGTERM', outcome: 'sent' }, {}],
  });
  expect(await project.run(['reap'])).toMatchObject({ code: 0, stdout: 'nothing to reap\n', stderr: '' });
  expect((await project.run(['reap', '--json'])).json()).toMatchObject({
    processes: [],
    sockets: [],
    records: [],
  });
});

test('never touches a running stack, whoever started it', async () => {
  const { project, web } = await started();
  await using _ = project;
  const before = project.living.map(({ pid }) => pid);
  expect(await project.run(['reap'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to reap/),
  });
  expect(project.living.map(({ pid }) => pid)).toEqual(before);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });

  // A generation that a crash left, beside one that somebody else started.
  await crash(project);
  project.declareServices({ web: await freePort() });
  const external = await headless(project, { kind: 'unix', path: `${project.home}/pc.sock` });
  const next = await project.services.next('web');
  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect([web.alive, next.alive, external.alive()]).toEqual([false, true, true]);
  expect(existsSync(`${project.home}/pc.sock`)).toBe(true);
});

test('finds what is left by its marker when the records are lost, and not that of a project beside it', async () => {
  const { project, web } = await started();
  await using _ = project;
  const { project: other, web: otherWeb } = await started();
  await using __ = other;
  await crash(project);
  await crash(other);
  await project.program(['rm', '-rf', project.stateDir]).finished;
  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect([web.alive, otherWeb.alive]).toEqual([false, true]);
});

test('removes records of another boot, and says why it leaves the others', async () => {
  const { project } = await started();
  await using _ = project;
  await project.run(['restart']);
  const [name = ''] = readdirSync(instances(project)).filter((one) => one.endsWith('.json'));
  const record = JSON.parse(readFileSync(join(instances(project), name), 'utf8'));
  const put = (text: string): string => {
    const path = join(instances(project), `${randomUUID()}.json`);
    writeFileSync(path, text);
    return path;
  };
  const id = randomUUID();
  const otherBoot = join(instances(project), `${id}.json`);
  writeFileSync(otherBoot, JSON.stringify({ ...record, id, bootId: randomUUID() }));
  const torn = put(JSON.stringify({ ...record, bootId: randomUUID() }).slice(0, -5));
  const [newer, corrupt, empty] = [put('{"schema":99}'), put('{"schema":1,'), put('')];
  utimesSync(corrupt, 0, 0); // anybody can set this one back
  const planned = await plan(project);
  expect(planned.records.map(({ path }) => path).toSorted()).toEqual([otherBoot, torn].toSorted());
  expect(planned.kept.map(({ path }) => path).toSorted()).toEqual([newer, corrupt, empty].toSorted());
  const reaped = await project.run(['reap']);
  expect(reaped.code).toBe(0);
  expect(reaped.stdout).toMatch(/leave .*: a newer upkeep wrote it/);
  expect([otherBoot, torn, newer, corrupt, empty].map((path) => existsSync(path))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('kills what ignores TERM after its grace, and says so', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port }, { web: '--ignore-term' });
  project.write(
    'upkeep.yaml',
    JSON.stringify({ services: { web: { ports: [port] } }, stop: { grace: '200ms' } }),
  );
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  await crash(project);
  const reaped = await project.run(['reap']);
  expect(reaped).toMatchObject({ code: 0, stderr: expect.stringContaining(`pid ${web.pid} `) });
  expect(reaped.stderr).toContain('was killed');
  expect(web.alive).toBe(false);
});

test('waits for another command on the project and names it', async () => {
  const { project } = await started();
  await using _ = project;
  await crash(project);
  const lock = project.program(['flock', join(project.stateDir, 'lock'), 'sleep', '30']);
  await eventually('the lock', async () => {
    const tried = await project.program(['flock', '-n', join(project.stateDir, 'lock'), 'true']).finished;
    return tried.code === 1;
  });
  expect(await project.run(['reap', '--dry-run'])).toMatchObject({ code: 0 });
  expect(await project.run(['reap', '--timeout', '0.2'])).toMatchObject({ code: 7 });
  for (const row of project.living.filter(({ command }) => command === 'sleep 30'))
    signalProcess(row, 'SIGKILL');
  await lock.finished;
});
