import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive } from '../../src/processes/table.ts';
import { freePort } from '../rig/free-port.ts';
import { temporaryProject } from '../rig/project.ts';
import { eventually } from '../rig/until.ts';

/** Listens where the project's endpoint is said to be; it is this process, which is not the project's. */
async function stranger(path: string, answer: (server: Server) => void): Promise<AsyncDisposable> {
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each<[string, (server: Server) => void]>([
  ['answers garbage', (server) => server.on('request', (_, response) => response.end('<html>'))],
  ['hangs', () => undefined],
  ['answers 401', (server) => server.on('request', (_, response) => response.writeHead(401).end())],
  [
    'speaks as a process-compose',
    (server) => server.on('request', (_, response) => response.end('{"status":"alive"}')),
  ],
])('an endpoint of another program that %s is named with its process and left alone', async (_, answer) => {
  await using project = await temporaryProject();
  const port = await freePort();
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    { upkeep: { endpoint: `unix:${project.home}/theirs.sock` } },
  );
  const path = join(project.home, 'theirs.sock');
  {
    await using _server = await stranger(path, answer);
    for (const verb of [['start', '-d'], ['restart'], ['stop']]) {
      const refused = await project.run(verb);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain(`unix:${path} belongs to something else: pid ${process.pid}`);
      expect(refused.stderr).toContain('It was not touched.');
    }
    expect(await project.status()).toMatchObject({ stack: 'down', instance: null });
    expect(project.services.runs).toHaveLength(0);
  }
});

test('a configured endpoint at which nobody listens is where the stack is looked for, not where it must be', async () => {
  await using project = await temporaryProject();
  const port = await freePort();
  const path = join(project.home, 'later.sock');
  project.declare(
    { web: { command: project.services.command('web', '--listen', port), ports: [port] } },
    { upkeep: { endpoint: `unix:${path}` } },
  );
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ stack: 'up' });
});

test('a supervisor of ours that hangs is unreachable; restart ends it and gives one stack', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  await project.run(['start', '-d']);
  const [server] = project.servers;
  if (!server) throw new Error('no server');
  signalProcess(server, 'SIGSTOP');
  const status = await project.run(['status', '--json']);
  expect(status.json()).toMatchObject({
    stack: 'unreachable',
    healthy: false,
    next: ['upkeep restart', 'upkeep stop'],
  });
  expect(status.code).toBe(1);
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/did not answer within 2 s.*\n.*upkeep restart/);
  expect(await project.run(['restart'])).toMatchObject({ code: 0 });
  expect(isAlive(server)).toBe(false);
  expect(project.servers).toHaveLength(1);
  expect(project.services.alive).toHaveLength(1);
});

test('a supervisor of ours that wants a token is named as one; stop ends it without', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  // 1.87 knows no token yet: by its name, place and files this is a process-compose of the project, and answers as newer ones.
  const path = join(project.home, 'pc.sock');
  const script = `require('node:http').createServer((_, r) => r.writeHead(401).end()).listen(${JSON.stringify(path)})`;
  const argv = [
    'bash',
    '-c',
    'exec -a process-compose "$@"',
    'bash',
    process.execPath,
    '-e',
    script,
    'up',
  ] as const;
  project.program(argv);
  await eventually('it listens', () => existsSync(path));
  expect(await project.status()).toMatchObject({ stack: 'unreachable', instance: { owner: 'external' } });
  for (const verb of [['start', '-d'], ['logs']]) {
    const refused = await project.run(verb);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/wants a token\.\n.*PC_API_TOKEN/);
  }
  expect(await project.run(['stop'])).toMatchObject({ code: 0 });
  expect(project.living).toEqual([]);
});

test('a stale socket is no obstacle', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  mkdirSync(dirname(project.socket), { recursive: true, mode: 0o700 });
  const script = `require('node:net').createServer().listen(${JSON.stringify(project.socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await project.program([process.execPath, '-e', script]).finished;
  expect(await project.status()).toMatchObject({ stack: 'down' });
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
});

test('a socket directory that others can write to is refused', async () => {
  await using project = await temporaryProject();
  project.declareServices({ web: await freePort() });
  mkdirSync(dirname(project.socket), { recursive: true, mode: 0o700 });
  await project.program(['chmod', '0777', dirname(project.socket)]).finished;
  const refused = await project.run(['start', '-d']);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/others can write to it/);
  expect(project.services.runs).toHaveLength(0);
});
