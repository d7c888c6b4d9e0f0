import { mkdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../rig/free-port.ts';
import { nativeDirectory, nativeProject, nativeSocket } from '../../rig/native.ts';

const answers: readonly (readonly [string, (socket: Socket) => unknown])[] = [
  ['answers HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['answers something else', (socket) => socket.end('{"status":"process_list","processes":"none"}\n')],
  ['says nothing', () => undefined],
  ['hangs up', (socket) => socket.destroy()],
];

test.each(answers)('somebody on the socket who %s is nobody of ours, and stays', async (_, answer) => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  mkdirSync(nativeDirectory(rig), { recursive: true, mode: 0o700 });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(nativeSocket(rig), resolve));
  for (const verb of [['start', '-d'], ['stop'], ['restart']]) {
    const ran = await project.run(verb);
    expect(ran.code, ran.all).toBe(4);
    expect(ran.stderr).toContain(String(process.pid));
  }
  expect(project.services.runs).toEqual([]);
  expect(server.listening).toBe(true);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(nativeSocket(rig), { force: true });
});

test('the directory of another project that `.devenv/run` of a copy names is not ours', async () => {
  await using other = await nativeProject();
  other.declareServices({ web: await freePort() });
  await other.project.run(['start', '-d']);
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  rig.write('.devenv/x', '');
  await project.program(['ln', '-snf', other.runtime, rig.at('.devenv/run')]).finished;
  expect(await project.status()).toMatchObject({ stack: 'down' });
  const started = await project.run(['start', '-d']);
  expect(started.code, started.all).toBe(0);
  expect((await project.run(['stop'])).code).toBe(0);
  expect(other.project.services.alive).toHaveLength(1);
});

test('a manager that hangs is unreachable for status, and stop ends it with its services', async () => {
  await using rig = await nativeProject();
  const { project } = rig;
  rig.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const [daemon] = project.servers;
  if (!daemon) throw new Error('no manager');
  process.kill(daemon.pid, 'SIGSTOP');
  expect(await project.status()).toMatchObject({ stack: 'unreachable', instance: { pid: daemon.pid } });
  const stopped = await project.run(['stop'], { timeoutMs: 60_000 });
  expect(stopped.code, stopped.all).toBe(0);
  expect(project.living).toEqual([]);
});
