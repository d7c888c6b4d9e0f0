import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { socketPathLimit } from '../../src/core/endpoint.ts';
import { asNobody, Decoys } from '../rig/decoys.ts';
import { freePort } from '../rig/free-port.ts';
import { program } from '../rig/programs.ts';
import { builtCli, temporaryProject } from '../rig/project.ts';
import { openUpkeep } from '../rig/terminal.ts';
import { eventually } from '../rig/until.ts';
import { watch } from '../rig/watching.ts';

test('scenario 1: two work trees of one repository have a stack each, and a stop in one leaves the other as it is', async () => {
  await using project = await temporaryProject();
  const other = join(project.home, '../other');
  project.git('worktree', 'add', '-q', '-b', 'other', other);
  const [a, b] = [await freePort(), await freePort()];
  const yaml = (port: number): string =>
    JSON.stringify({ processes: { web: { command: project.services.command('web', '--listen', port) } } });
  project.write('process-compose.yaml', yaml(a));
  project.write('../other/process-compose.yaml', yaml(b));
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  const first = await project.services.next('web');
  expect(await project.run(['start', '-d'], { cwd: other })).toMatchObject({ code: 0 });
  const second = await project.services.next('web');
  const before = await project.status({ cwd: other });
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect([first.alive, second.alive]).toEqual([false, true]);
  expect(second.termed).toBe(false);
  const after = await project.status({ cwd: other });
  expect(after).toMatchObject({ stack: 'up', healthy: true, instance: before.instance });
  expect(after.services.map(({ pid }) => pid)).toEqual(before.services.map(({ pid }) => pid));
  expect(await project.run(['stop'], { cwd: other })).toMatchObject({ code: 0 });
});

test('scenario 10: another user who holds a declared port is named with the uid; exit 4, and nothing is sent', async () => {
  if (process.getuid?.() !== 0) throw new Error('this test needs root, to start a process as somebody else');
  await using project = await temporaryProject();
  await using decoys = new Decoys();
  const port = await freePort();
  project.declareServices({ web: port });
  const listen = `use IO::Socket::INET; our $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:${port}", Listen => 5, ReuseAddr => 1) or die;`;
  const holder = await decoys.add('holder', { cwd: '/', prefix: asNobody, before: listen });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(4);
  expect(start.stderr).toContain('65534');
  expect((await project.run(['port', String(port)])).stdout).toContain('65534');
  expect(project.services.runs).toHaveLength(0);
  for (const verb of ['stop', 'reap', 'restart']) await project.run([verb]);
  expect(decoys.touched).toEqual([]);
  expect(holder.uid).toBe(65534);
});

test('scenario 22: a watcher that is killed leaves the services, and the next one goes on with them', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const before = await project.status();
  const first = await watch(project);
  await first.kill();
  expect(await project.status()).toMatchObject({
    stack: 'up',
    healthy: true,
    instance: before.instance,
    watch: { running: false },
  });
  await using second = await watch(project);
  await eventually('the new watcher', async () => (await project.status()).watch.running);
  expect(await project.status()).toMatchObject({ instance: before.instance, watch: { running: true } });
  expect(project.services.of('web')).toHaveLength(1);
  void second;
});

test('scenario 24: roots of 150 bytes and more work, and two with the same beginning have a socket each', async () => {
  const deep = `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(30)}`;
  await using project = await temporaryProject();
  const roots = [`${deep}-one`, `${deep}-two`].map((path) => join(project.root, path));
  const services = await Promise.all(roots.map(async () => freePort()));
  for (const [at, cwd] of roots.entries()) {
    mkdirSync(cwd, { recursive: true });
    const command = project.services.command(`s${at}`, '--listen', services[at] ?? 0);
    project.write(
      `${cwd.slice(project.root.length + 1)}/process-compose.yaml`,
      JSON.stringify({ processes: { [`s${at}`]: { command } } }),
    );
    expect(await project.run(['start', '-d'], { cwd })).toMatchObject({ code: 0 });
  }
  const reports = await Promise.all(roots.map((cwd) => project.status({ cwd })));
  expect(reports.map(({ services: all }) => all.map(({ name }) => name))).toEqual([['s0'], ['s1']]);
  const sockets = reports.map(({ instance }) => instance?.endpoint.replace('unix:', '') ?? '');
  expect(new Set(sockets).size).toBe(2);
  for (const socket of sockets) expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(socketPathLimit);
  for (const cwd of roots) expect(await project.run(['stop'], { cwd })).toMatchObject({ code: 0 });
});

test('scenario 25: `out=$(upkeep start)` with descriptors that leak into it returns while the services run', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const script = `exec 3>&1 200>&1; out=$(${process.execPath} ${builtCli()} start); echo "exit $?"; echo "$out" | head -1`;
  // `finished` waits for the end of every pipe: nothing of the stack may hold one.
  const done = await project.program(['bash', '-c', script]).finished;
  expect(done.stdout).toMatch(/^exit 0\nup {2}/);
  expect(project.services.alive).toHaveLength(1);
});

test('scenario 26: a terminal that is closed after `start -d` takes nothing with it, and stop works from elsewhere', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  {
    await using terminal = openUpkeep(project, ['start', '-d']);
    await terminal.shows(/^up {2}/m);
    await terminal.close();
  }
  const web = await project.services.next('web');
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  expect(web.termed).toBe(false);
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(web.alive).toBe(false);
});

test('scenario 34: stop when nothing runs exits 0, once and again, in the time of a few starts of node', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  const times: number[] = [];
  const bare: number[] = [];
  const limitMs = (): number => Math.max(300, 6 * Math.min(...bare));
  // The least of five, or of more where the machine had no time for it yet.
  for (let round = 0; round < 5 || (round < 50 && Math.min(...times) >= limitMs()); round += 1) {
    const stop = await project.run(['stop']);
    expect(stop).toMatchObject({ code: 0, stdout: 'nothing was running\n', stderr: '' });
    times.push(stop.ms);
    bare.push((await project.program([process.execPath, '-e', '0']).finished).ms);
  }
  // 0.3 s on a machine that has nothing else to do; here other tests run beside it.
  expect(Math.min(...times)).toBeLessThan(limitMs());
  expect(existsSync(project.socket)).toBe(false);
});

test('the programs that the scenarios name are there', () => {
  for (const name of ['redis-server', 'nginx', 'perl', 'tmux', 'setpriv'])
    expect(program(name)).toMatch(/^\//);
});
