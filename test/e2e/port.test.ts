import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PortReport } from '../../src/core/port-report.ts';
import { tcpListeners } from '../../src/processes/sockets.ts';
import { asNobody } from '../rig/decoys.ts';
import { headless } from '../rig/external.ts';
import { freePort } from '../rig/free-port.ts';
import type { RunOptions } from '../rig/command.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

interface Document {
  readonly schema: 1;
  readonly asked: string;
  readonly service: string | null;
  readonly ports: readonly PortReport[];
}

async function ask(project: TestProject, what: string | number, options: RunOptions = {}): Promise<Document> {
  return (await project.run(['port', String(what), '--json'], options)).json() as Document;
}

const people = async (project: TestProject, what: string | number) => project.run(['port', String(what)]);

async function started(): Promise<{ project: TestProject; port: number }> {
  const project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  await project.run(['start', '-d']);
  return { project, port };
}

test('names the service of this project that holds a port, by number and by name', async () => {
  const { project, port } = await started();
  await using _ = project;
  const web = await project.services.next('web');
  const said = await people(project, port);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(
    new RegExp(
      `^port ${port} is held by service web of this project: pid ${web.pid} .* on 127.0.0.1, since \\d`,
    ),
  );
  expect(await people(project, 'web')).toMatchObject({ code: 0, stdout: said.stdout });
  expect(await ask(project, 'web')).toMatchObject({
    schema: 1,
    asked: 'web',
    service: 'web',
    ports: [
      {
        port,
        is: 'ours',
        claims: [{ is: 'ours', pid: web.pid, service: 'web', leftover: false, addresses: ['127.0.0.1'] }],
        addresses: expect.arrayContaining([
          { host: '127.0.0.1', bind: 'taken' },
          { host: '::1', bind: 'free' },
        ]),
      },
    ],
  });
});

test('says that a port is free, and on which addresses', async () => {
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  const port = await freePort();
  expect(await people(project, port)).toMatchObject({
    code: 0,
    stdout: `port ${port} is free on 127.0.0.1, ::1, 0.0.0.0, ::\n`,
  });
  expect(await ask(project, port)).toMatchObject({ ports: [{ port, is: 'free', claims: [] }] });
});

test("names another work tree's service by its path, and so does a start that is refused for it", async () => {
  const { project: other, port } = await started();
  await using _ = other;
  await using project = await temporaryProject();
  project.declareServices({ web: port });
  const said = await people(project, port);
  expect(said.code).toBe(4);
  expect(said.stdout).toContain(`port ${port} is taken by service web of ${other.root}: pid `);
  expect(said.stdout).toContain(`\`upkeep stop -C ${other.root}\``);
  const refused = await project.run(['start', '-d']);
  expect(refused.code).toBe(4);
  for (const line of said.stdout.trim().split('\n')) expect(refused.stderr).toContain(line);
  expect(project.services.runs).toEqual([]);
  expect(await other.status()).toMatchObject({ stack: 'up', healthy: true });
});

test('names the work tree of a process-compose that somebody started by hand elsewhere', async () => {
  await using other = await temporaryProject();
  const port = await freePort();
  other.declareServices({ api: port });
  await headless(other, { kind: 'unix', path: `${other.home}/pc.sock` });
  await other.services.next('api');
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  expect(await ask(project, port)).toMatchObject({
    ports: [{ is: 'project', claims: [{ project: other.root, service: 'api' }] }],
  });
});

test('names a stranger with pid, command, directory and uid, and touches nothing', async () => {
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  const port = await freePort();
  const code = `require('http').createServer().listen(${port}, '0.0.0.0')`;
  const node = [process.execPath, '-e', code];
  // Root alone can be somebody else.
  const root = process.getuid?.() === 0;
  const [program = '', ...args] = root ? [...asNobody, ...node] : node;
  const stranger = spawn(program, args, { cwd: '/usr', stdio: 'ignore' });
  try {
    await once(stranger, 'spawn');
    // Not by binding it: in that moment the stranger could not.
    await eventually('it listens', () => tcpListeners().some((one) => one.port === port));
    const said = await people(project, port);
    expect(said.code).toBe(4);
    expect(said.stdout).toMatch(
      new RegExp(
        `^port ${port} is taken by pid ${stranger.pid} \\(.*\\) in /usr, uid ${root ? 65534 : process.getuid?.()}, on 0\\.0\\.0\\.0, since `,
      ),
    );
    expect(await ask(project, port)).toMatchObject({ ports: [{ is: 'foreign' }] });
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('says of a leftover that it is one, and what ends it', async () => {
  const { project, port } = await started();
  await using _ = project;
  const web = await project.services.next('web');
  process.kill(project.servers[0]?.pid ?? 0, 'SIGKILL');
  await eventually('the server is gone', () => project.servers.length === 0);
  const said = await people(project, port);
  expect(said.stdout).toMatch(/is held by what an earlier run left, service web of this project/);
  expect(said.stdout).toContain('`upkeep reap`');
  expect(await ask(project, port)).toMatchObject({
    ports: [{ is: 'ours', claims: [{ pid: web.pid, leftover: true }] }],
  });
});

test('works with a broken upkeep.yaml and outside of a project; a name needs one', async () => {
  const { project, port } = await started();
  await using _ = project;
  project.write('upkeep.yaml', 'services: [\n');
  expect(await people(project, port)).toMatchObject({ code: 0 });
  // Not declared any more, and it listens all the same.
  expect(await ask(project, 'web')).toMatchObject({ ports: [{ port, is: 'ours' }] });
  expect(await project.run(['port', String(port)], { cwd: project.home })).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(`service web of ${project.root}`),
  });
  expect(await project.run(['port', 'web'], { cwd: project.home })).toMatchObject({ code: 2 });
  expect(await people(project, 'nobody')).toMatchObject({ code: 2, stderr: expect.stringContaining('web') });
  expect(await people(project, 70_000)).toMatchObject({ code: 2 });
  writeFileSync(`${project.root}/upkeep.yaml`, '');
});
