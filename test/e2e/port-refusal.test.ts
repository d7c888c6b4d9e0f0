import { once } from 'node:events';
import type { Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { isAlive, readTable } from '../../src/processes/table.ts';
import { tcpRows } from '../../src/processes/tcp-rows.ts';
import { Decoys } from '../rig/decoys.ts';
import { freePort } from '../rig/free-port.ts';
import type { TestProject } from '../rig/project.ts';
import { temporaryProject } from '../rig/project.ts';
import { uniqueSeconds } from '../rig/shapes.ts';
import { eventually } from '../rig/until.ts';

async function projectOn(port: number): Promise<TestProject> {
  const project = await temporaryProject();
  project.declareServices({ web: port });
  return project;
}

/** Exit 4 before anything is spawned, in the words of `port`; the holder is as it was. */
async function expectRefused(project: TestProject, port: number, what: RegExp): Promise<void> {
  const said = await project.run(['port', String(port)]);
  expect(said).toMatchObject({ code: 4, stdout: expect.stringMatching(what) });
  const start = await project.run(['start', '-d']);
  expect(start.code).toBe(4);
  for (const line of said.stdout.trim().split('\n')) expect(start.stderr).toContain(line);
  expect(project.services.runs).toEqual([]);
  expect(project.servers).toEqual([]);
  expect(await project.status()).toMatchObject({ stack: 'down' });
}

const socket = (address: string, port: number): string =>
  `use Socket; socket(our $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(${port}, inet_aton("${address}"))) or die $!;`;

const listening = async (server: Server, options: object): Promise<void> => {
  server.listen(options);
  await once(server, 'listening');
};

test("a client's connection that has the port as its own end is named, and a start refused", async () => {
  const port = await freePort();
  await using project = await projectOn(port);
  await using decoys = new Decoys();
  const target = createServer((one) => one.resume());
  const other = await freePort();
  await listening(target, { port: other, host: '127.0.0.1' });
  // As the kernel does when it gives out the port: without SO_REUSEADDR.
  const before = `${socket('127.0.0.1', port)} connect($s, sockaddr_in(${other}, INADDR_LOOPBACK)) or die $!;`;
  const client = await decoys.add('client', { cwd: '/usr', before });
  const isIt = new RegExp(`local end of a connection to 127.0.0.1:${other}: pid ${client.pid} `);
  await expectRefused(project, port, isIt);
  expect(decoys.touched).toEqual([]);
  target.close();
});

test('a socket that is bound and does not listen is told, and a start refused', async () => {
  const port = await freePort();
  await using project = await projectOn(port);
  await using decoys = new Decoys();
  await decoys.add('bound', { cwd: '/usr', before: socket('127.0.0.1', port) });
  await expectRefused(
    project,
    port,
    /is bound on 127\.0\.0\.1, 0\.0\.0\.0, :: by a process that cannot be seen from here; nothing listens there/,
  );
  expect(decoys.touched).toEqual([]);
});

test('a listening socket that its server left to a child, on which nobody accepts, is told and refused', async () => {
  const port = await freePort();
  await using project = await projectOn(port);
  const seconds = uniqueSeconds();
  const heir = `require('child_process').spawn('sleep', ['${seconds}'], { stdio: ['ignore', 'ignore', 'ignore', ...Array(17).fill('ignore'), s._handle.fd], detached: true })`;
  const code = `const s = require('net').createServer(); s.listen(${port}, '127.0.0.1', () => { ${heir}; process.exit(0) })`;
  await project.program([process.execPath, '-e', code], { cwd: '/usr' }).finished;
  const holder = await eventually('the heir', () =>
    readTable().find(({ command }) => command === `sleep ${seconds}`),
  );
  await expectRefused(
    project,
    port,
    new RegExp(`pid ${holder.pid} .*it inherited the socket, and nothing accepts`),
  );
  expect(isAlive(holder)).toBe(true);
  process.kill(holder.pid, 'SIGKILL');
  await eventually('its end', () => !isAlive(holder));
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
});

test("a container's proxy is called one, with the command that names the container", async () => {
  const port = await freePort();
  await using project = await projectOn(port);
  await using decoys = new Decoys();
  const proxy = `/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port ${port} -container-ip 172.17.0.2 -container-port 80`;
  const before = `${socket('0.0.0.0', port)} listen($s, 5) or die $!;`;
  await decoys.add('proxy', { cwd: '/', before, commandLine: proxy });
  await expectRefused(project, port, /is taken by a container's proxy: pid \d+ [\s\S]*`docker ps`/);
  expect(decoys.touched).toEqual([]);
});

test('what no usual server would fail on refuses no start', async () => {
  const port = await freePort();
  await using project = await projectOn(port);
  await using decoys = new Decoys();
  // Bound elsewhere; TIME_WAIT; a connection that lets others listen on its own end.
  await decoys.add('elsewhere', { cwd: '/usr', before: socket('127.0.0.2', port) });
  const once1 = createServer((one) => one.end());
  await listening(once1, { port, host: '127.0.0.1' });
  const done = connect(port, '127.0.0.1');
  done.resume();
  await once(done, 'close');
  once1.close();
  await eventually('TIME_WAIT', () => tcpRows([port]).some(({ state }) => state === 'time-wait'));
  const target = createServer((one) => one.resume());
  const other = await freePort();
  await listening(target, { port: other, host: '127.0.0.3' });
  const polite = connect({ port: other, host: '127.0.0.3', localPort: port, localAddress: '127.0.0.1' });
  await once(polite, 'connect');
  expect(await project.run(['start', '-d'])).toMatchObject({ code: 0 });
  expect(await project.status()).toMatchObject({ stack: 'up', healthy: true });
  expect(decoys.touched).toEqual([]);
  polite.destroy();
  target.close();
});
