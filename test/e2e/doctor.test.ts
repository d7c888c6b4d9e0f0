import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { DoctorReport } from '../../src/core/doctor.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { tcpListeners } from '../../src/processes/sockets.ts';
import type { RunOptions } from '../rig/command.ts';
import { devenvProject } from '../rig/devenv.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

const ask = async (project: TestProject, options: RunOptions = {}) => {
  const done = await project.run(['doctor', '--json'], options);
  const report = done.json() as DoctorReport;
  const of = (name: string) => report.checks.find((check) => check.name === name);
  const bad = report.checks.filter(({ is }) => is === 'problem').map(({ name }) => name);
  return { code: done.code, report, of, bad };
};

async function declared(): Promise<{ project: TestProject; port: number }> {
  const project = await temporaryProject();
  const port = await freePort();
  project.declareServices({ web: port });
  return { project, port };
}

test('finds nothing wrong with a stack that is down, and with one that is up', async () => {
  const { project, port } = await declared();
  await using _ = project;
  const down = await ask(project);
  expect(down).toMatchObject({ code: 0, bad: [], report: { schema: 1, root: project.root, ok: true } });
  expect(down.of('process-compose')).toMatchObject({ is: 'ok', what: expect.stringMatching(/^v\d.*PATH/) });
  expect(down.of('instance')).toMatchObject({ is: 'note', next: 'upkeep start' });
  await project.run(['start', '-d']);
  const up = await ask(project);
  expect(up).toMatchObject({ code: 0, bad: [] });
  expect(up.of('process-compose')?.what).toContain('the running one');
  expect(up.of('configuration')?.what).toMatch(/process-compose\.yaml: web$/);
  expect(up.of('instance')?.what).toContain(`unix:${project.socket}`);
  expect(up.of('ports')?.what).toBe(`${port} held by the stack`);
  const said = await project.run(['doctor']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(/\n\nnothing is wrong\n$/);
});

test('names what is wrong with the files, at their lines, and goes on', async () => {
  const { project } = await declared();
  await using _ = project;
  project.write('upkeep.yaml', 'nonsense: true\n');
  project.write('process-compose.yaml', 'processes:\n  web:\n    comand: x\n');
  const { code, bad, of } = await ask(project);
  expect(code).toBe(1);
  expect(bad).toEqual(['upkeep.yaml', 'configuration']);
  expect(of('upkeep.yaml')?.what).toContain(`${project.root}/upkeep.yaml:1:1`);
  expect(of('configuration')?.what).toContain(`${project.root}/process-compose.yaml:3`);
  for (const name of bad) expect(of(name)?.next).toEqual(expect.any(String));
});

test('finds leftovers, broken records and a stranger on a declared port', async () => {
  const { project, port } = await declared();
  await using _ = project;
  await project.run(['start', '-d']);
  const web = await project.services.next('web');
  for (const server of project.servers) signalProcess(server, 'SIGKILL');
  await eventually('the end of the server', () => project.servers.length === 0);
  const left = await ask(project);
  expect(left.bad).toEqual(['leftovers']);
  expect(left.of('leftovers')).toMatchObject({
    what: expect.stringContaining(`pid ${web.pid} (web)`),
    next: 'upkeep reap',
  });
  await project.run(['reap']);
  const stranger = spawn(process.execPath, ['-e', `require('http').createServer().listen(${port})`], {
    stdio: 'ignore',
  });
  try {
    await once(stranger, 'spawn');
    // Not by binding it: in that moment the stranger could not.
    await eventually('it listens', () => tcpListeners().some((one) => one.port === port));
    writeFileSync(join(project.stateDir, 'instances/x.json'), '{');
    const { bad, of } = await ask(project);
    expect(bad).toEqual(['records', 'ports']);
    expect(of('records')?.what).toContain('x.json is damaged');
    expect(of('ports')).toMatchObject({
      what: expect.stringContaining(`port ${port} is taken by pid ${stranger.pid}`),
      next: `upkeep port ${port}`,
    });
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('finds a socket directory that others can write to, and a state directory that is none', async () => {
  const { project } = await declared();
  await using _ = project;
  mkdirSync(dirname(project.socket), { recursive: true });
  await project.program(['chmod', '777', dirname(project.socket)]).finished;
  mkdirSync(dirname(project.stateDir), { recursive: true });
  writeFileSync(project.stateDir, '');
  const { bad, of } = await ask(project);
  expect(bad).toEqual(expect.arrayContaining(['state directory', 'socket directory']));
  expect(of('socket directory')?.what).toContain('others can write to it');
  expect(of('state directory')?.what).toContain('ENOTDIR');
  await project.program(['rm', project.stateDir]).finished;
  await project.program(['chmod', '700', dirname(project.socket)]).finished;
});

test('answers without git, process-compose and home, and finds a flock that is not on PATH', async () => {
  const { project } = await declared();
  await using _ = project;
  const { code, bad, of } = await ask(project, { env: { PATH: dirname(process.execPath), HOME: '' } });
  expect(code).toBe(1);
  expect(bad).toEqual(expect.arrayContaining(['process-compose', 'git']));
  expect(of('git')?.next).toContain('install git');
  expect(of('node')).toMatchObject({ is: 'ok' });
  expect(of('flock')).toMatchObject({ is: 'ok' });
});

test('answers outside of a project: the machine alone, and that there is none', async () => {
  await using project = await temporaryProject({ yaml: 'processes: {}\n' });
  const { code, bad, report } = await ask(project, { cwd: project.home });
  expect(code).toBe(1);
  expect(bad).toEqual(['project']);
  expect(report.root).toBeNull();
});

test('looks at devenv in a devenv project, and evaluates it', async () => {
  await using rig = await devenvProject({ release: '1.10' });
  rig.declareServices({ web: await freePort() });
  const { code, bad, of } = await ask(rig.project);
  expect([code, bad]).toEqual([0, []]);
  expect(of('devenv')).toMatchObject({ is: 'ok', what: expect.stringContaining('1.10') });
  expect(of('configuration')?.what).toMatch(/: web$/);
});

test('says which line of devenv.yaml keeps the marker where `clean` is on', async () => {
  await using rig = await devenvProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  expect((await ask(project)).of('marker')).toMatchObject({ is: 'ok' });
  rig.write('devenv.yaml', 'clean:\n  enabled: true\n  keep: [HOME, UK_TEST]\n');
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  const { code, of } = await ask(project);
  expect(code).toBe(0);
  expect(of('marker')).toMatchObject({
    is: 'note',
    what: expect.stringContaining('`clean` is on in devenv.yaml:3:3 and drops UPKEEP_INSTANCE'),
    next: 'devenv.yaml:3:3, below `clean:`: `keep: [HOME, UK_TEST, UPKEEP_INSTANCE]`',
  });
  rig.write('devenv.yaml', 'clean:\n  enabled: true\n  keep: [HOME, UK_TEST, UPKEEP_INSTANCE]\n');
  expect((await ask(project)).of('marker')).toMatchObject({ is: 'ok', what: 'kept by devenv.yaml:3:3' });
});

test('names a service that carries neither marker nor canary', async () => {
  await using project = await temporaryProject();
  const command = 'exec env -i sleep 1000000 63>&-';
  project.write('process-compose.yaml', JSON.stringify({ processes: { bare: { command } } }));
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  const { code, of } = await ask(project);
  expect(code).toBe(1);
  expect(of('marker')).toMatchObject({
    is: 'problem',
    what: expect.stringMatching(/^bare does not carry UPKEEP_INSTANCE/),
    next: expect.stringContaining('env -i'),
  });
});
