import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killLogPath } from '../../src/processes/kill-log.ts';
import { isAlive } from '../../src/processes/table.ts';
import { Decoys } from '../rig/decoys.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import type { Shape } from '../rig/shapes.ts';
import { plainShapes, realShapes, startShapes } from '../rig/shapes.ts';
import { eventually } from '../rig/until.ts';

async function killServer(project: TestProject): Promise<void> {
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  process.kill(server.pid, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
}

const everything = (shapes: Readonly<Record<string, Shape>>) =>
  Object.values(shapes).flatMap((shape) => shape.processes());

/** SIGKILL of the server; every process is listed, and `verb` ends every one of them and nothing else. */
async function expectFoundAndEnded(
  project: TestProject,
  shapes: Readonly<Record<string, Shape>>,
  verb: string,
): Promise<void> {
  const before = everything(shapes);
  await using decoys = await Decoys.around(project, before[0]?.command);
  await killServer(project);
  expect(before.filter((row) => !isAlive(row))).toEqual([]);

  const orphans = (await project.status()).orphans.map(({ pid }) => pid);
  expect(orphans).toEqual(expect.arrayContaining(before.map(({ pid }) => pid)));
  expect(orphans.filter((pid) => decoys.all.some((decoy) => decoy.pid === pid))).toEqual([]);

  const done = await project.run([verb]);
  expect(done).toMatchObject({ code: 0 });
  expect(before.filter(isAlive)).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'down', orphans: [] });
  expect(decoys.touched).toEqual([]);
}

test('scenarios 2, 3, 4, 5: whatever shape a service has, its processes are found and ended when the server was killed', async () => {
  await using project = await temporaryProject();
  const shapes = plainShapes();
  await startShapes(project, shapes);
  await expectFoundAndEnded(project, shapes, 'stop');
  expect(existsSync(killLogPath(project.stateDir))).toBe(false); // TERM was enough for each
});

test('scenarios 2, 5: redis and nginx, which overwrite their environment, nginx also as a daemon', async () => {
  await using project = await temporaryProject();
  const shapes = await realShapes(project);
  await startShapes(project, shapes);
  await expectFoundAndEnded(project, shapes, 'stop');
  expect(existsSync(killLogPath(project.stateDir))).toBe(false);
});

test('scenarios 2 to 5 with a stack that is up: stop ends every shape, without a KILL', async () => {
  await using project = await temporaryProject();
  const shapes = { ...plainShapes(), ...(await realShapes(project)) };
  await startShapes(project, shapes);
  await using decoys = await Decoys.around(project);
  const before = everything(shapes);
  expect(await project.run(['stop'])).toMatchObject({ code: 0, stderr: '' });
  expect(before.filter(isAlive)).toEqual([]);
  expect(existsSync(killLogPath(project.stateDir))).toBe(false);
  expect(decoys.touched).toEqual([]);
});

test('scenario 7: with .devenv and the state directory gone, `reap` still finds the orphans, and the work tree beside is untouched', async () => {
  await using project = await temporaryProject();
  const beside = join(project.home, '../beside');
  project.git('worktree', 'add', '-q', '-b', 'beside', beside);
  const [shapes, others] = [plainShapes(), plainShapes()];
  await startShapes(project, others);
  // The same stack in the other work tree; what is declared here is declared anew for this one.
  await project.program(['cp', 'process-compose.yaml', 'upkeep.yaml', beside]).finished;
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(await project.run(['start', '-d'], { cwd: beside })).toMatchObject({ code: 0 });
  await eventually('the stack beside', () =>
    Object.values(others).every((one) => one.processes().length > 0),
  );
  await startShapes(project, shapes);
  const [here, there] = [everything(shapes), everything(others)];
  const [server] = project.servers.filter(({ command }) => command.includes(project.socket));
  if (!server) throw new Error('no server');
  process.kill(server.pid, 'SIGKILL');
  await eventually('the end of the server', () => !isAlive(server));
  rmSync(project.stateDir, { recursive: true });

  expect(await project.run(['reap'])).toMatchObject({ code: 0 });
  expect(here.filter(isAlive)).toEqual([]);
  expect(there.filter((row) => !isAlive(row))).toEqual([]);
  expect(await project.run(['stop'], { cwd: beside })).toMatchObject({ code: 0 });
  expect(there.filter(isAlive)).toEqual([]);
});

test('scenario 11: a record from another boot, or of a pid that is somebody else now, leads to no signal', async () => {
  await using project = await temporaryProject();
  const shapes = { plain: plainShapes()['plain'] as Shape };
  await startShapes(project, shapes);
  const [record] = records(project);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  await using decoys = new Decoys();
  const decoy = await decoys.add('reused pid', { cwd: '/' });
  const member = {
    pid: decoy.pid,
    startTime: decoy.startTime,
    service: 'plain',
    group: decoy.group,
    session: decoy.session,
  };
  const later = String(Number(decoy.startTime) + 1);
  for (const forged of [
    { ...record, server: null, members: [{ ...member, startTime: later }] },
    { ...record, server: { pid: decoy.pid, startTime: later }, members: [] },
    { ...record, bootId: 'another', server: null, members: [member] },
  ]) {
    write(project, forged);
    for (const verb of [['status'], ['stop'], ['reap']]) await project.run(verb);
    expect(decoys.touched).toEqual([]);
    // Of nobody: it is not kept.
    expect(readdirSync(instances(project))).toEqual([]);
  }
});

test('scenario 33: a damaged, an empty and a newer record are named, and nothing is signalled', async () => {
  await using project = await temporaryProject();
  const shapes = { plain: plainShapes()['plain'] as Shape };
  await startShapes(project, shapes);
  const [record] = records(project);
  await using decoys = await Decoys.around(project);
  const before = everything(shapes);
  const path = join(instances(project), `${String(record?.['id'])}.json`);
  const whole = readFileSync(path, 'utf8');
  for (const [text, word] of [
    ['{"schema":1,', 'damaged'],
    ['', 'empty'],
    [JSON.stringify({ ...record, schema: 99 }), 'newer'],
  ] as const) {
    writeFileSync(path, text);
    const status = await project.run(['status']);
    expect(status.stderr).toMatch(new RegExp(word));
    expect(await project.run(['reap', '--dry-run'])).toMatchObject({ code: 0 });
    expect(before.filter((row) => !isAlive(row))).toEqual([]);
  }
  writeFileSync(path, whole);
  expect(decoys.touched).toEqual([]);
});

const instances = (project: TestProject): string => join(project.stateDir, 'instances');

function records(project: TestProject): Record<string, unknown>[] {
  const names = readdirSync(instances(project)).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(join(instances(project), name), 'utf8')));
}

function write(project: TestProject, record: Record<string, unknown>): void {
  mkdirSync(instances(project), { recursive: true });
  writeFileSync(join(instances(project), `${String(record['id'])}.json`), JSON.stringify(record));
}
