import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PortReport } from '../../src/core/port-report.ts';
import type { Member } from '../../src/processes/members.ts';
import { findMembers } from '../../src/processes/members.ts';
import { reportPorts } from '../../src/processes/port-report.ts';
import { tcpRows } from '../../src/processes/tcp-rows.ts';
import { freePort } from '../rig/free-port.ts';
import { ProcessRig, recordNow, uniqueSeconds, until } from '../rig/processes.ts';

interface Known {
  readonly members?: readonly Member[];
  readonly detached?: readonly Member[];
  readonly root?: string;
}

async function report(port: number, known: Known = {}): Promise<PortReport> {
  const { members = [], detached = [], root } = known;
  const [found] = await reportPorts({
    ports: [port],
    members,
    detached,
    strays: [],
    isLeftover: () => false,
    rootOf: () => root ?? null,
  });
  if (!found) throw new Error('no report');
  return found;
}

const binds = ({ addresses }: PortReport): Record<string, string> =>
  Object.fromEntries(addresses.map(({ host, bind }) => [host, bind]));

const listening = (server: Server, options: object): Promise<number> =>
  new Promise((resolve) => server.listen(options, () => resolve((server.address() as AddressInfo).port)));
const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });

it.each([
  ['127.0.0.1', false, { '127.0.0.1': 'taken', '::1': 'free', '0.0.0.0': 'taken', '::': 'taken' }],
  ['0.0.0.0', false, { '127.0.0.1': 'taken', '::1': 'free', '0.0.0.0': 'taken', '::': 'taken' }],
  ['::1', false, { '127.0.0.1': 'free', '::1': 'taken', '0.0.0.0': 'free', '::': 'taken' }],
  ['::', false, { '127.0.0.1': 'taken', '::1': 'taken', '0.0.0.0': 'taken', '::': 'taken' }],
  ['::', true, { '127.0.0.1': 'free', '::1': 'taken', '0.0.0.0': 'free', '::': 'taken' }],
])(
  'sees a holder of %s (IPv6 only: %s), and says where the port is free',
  async (host, ipv6Only, expected) => {
    const server = createServer();
    const port = await listening(server, { port: await freePort(), host, ipv6Only });
    const seen = await report(port);
    await closed(server);
    expect(seen).toMatchObject({
      is: 'foreign',
      claims: [{ pid: process.pid, addresses: [host], how: 'listens', since: expect.any(String) }],
    });
    expect(binds(seen)).toEqual(expected);
  },
);

it('knows a free port, and one of whose connections only TIME_WAIT is left', async () => {
  const server = createServer((socket) => socket.end());
  const port = await listening(server, { port: await freePort(), host: '127.0.0.1' });
  expect(await report(await freePort())).toMatchObject({ is: 'free', claims: [], timeWait: 0 });
  const client = connect(port, '127.0.0.1');
  client.resume();
  await new Promise((resolve) => client.once('close', resolve));
  await closed(server);
  await until('TIME_WAIT', () => tcpRows([port]).some(({ state }) => state === 'time-wait'));
  expect(await report(port)).toMatchObject({ is: 'free', claims: [], timeWait: 1 });
});

it('knows a client socket that has the port as its own end', async () => {
  await using rig = new ProcessRig();
  const ready = join(rig.directory(), 'ready');
  const server = createServer((socket) => socket.resume());
  const target = await listening(server, { port: await freePort(), host: '127.0.0.1' });
  const port = await freePort();
  // As connect(2) does by itself, and Node's `localPort` does not: without SO_REUSEADDR.
  const bind = `use Socket; socket(S,PF_INET,SOCK_STREAM,0); bind(S,sockaddr_in(${port},INADDR_LOOPBACK)) or die`;
  const code = `${bind}; connect(S,sockaddr_in(${target},INADDR_LOOPBACK)) or die; open(F,'>','${ready}'); close F; sleep 300`;
  const { pid } = rig.spawn(['perl', '-e', code]);
  await until('the connection', () => existsSync(ready));
  const seen = await report(port);
  const targets = await report(target);
  server.close();
  expect(seen).toMatchObject({
    is: 'client',
    claims: [{ pid, how: 'connects', peers: [`127.0.0.1:${target}`], addresses: ['127.0.0.1'] }],
  });
  expect(targets.claims.map((claim) => [claim.pid, claim.how])).toEqual([[process.pid, 'listens']]);
});

it('calls a port free whose connection lets others listen there', async () => {
  const server = createServer((socket) => socket.resume());
  const target = await listening(server, { port: await freePort(), host: '127.0.0.1' });
  const port = await freePort();
  const client = connect({ port: target, host: '127.0.0.1', localPort: port });
  await connected(client);
  const seen = await report(port);
  client.destroy();
  await closed(server);
  expect(seen).toMatchObject({ is: 'free', claims: [{ pid: process.pid, how: 'connects' }] });
});

it('knows a port that is bound by a program that does not listen', async () => {
  await using rig = new ProcessRig();
  const ready = join(rig.directory(), 'ready');
  const port = await freePort();
  const code = `use Socket; socket(S,PF_INET,SOCK_STREAM,0); bind(S,sockaddr_in(${port},INADDR_LOOPBACK)) or die; open(F,'>','${ready}'); close F; sleep 300`;
  rig.spawn(['perl', '-e', code]);
  await until('bind', () => existsSync(ready));
  expect(await report(port)).toMatchObject({ is: 'bound', claims: [] });
});

/** A node process that listens, leaves the socket to a `sleep` and writes its port. */
async function heir(rig: ProcessRig) {
  const file = join(rig.directory(), 'port');
  const token = uniqueSeconds();
  const pass = `require('child_process').spawn('sleep',['${token}'],{stdio:['ignore','ignore','ignore',...Array(17).fill('ignore'),s._handle.fd]})`;
  // Written one turn later: then its epoll watches the socket.
  const write = `setImmediate(()=>require('fs').writeFileSync('${file}',String(s.address().port)))`;
  const code = `const s=require('net').createServer();s.listen(${await freePort()},'127.0.0.1',()=>{${pass};${write}})`;
  const parent = await rig.id(rig.spawn(['node', '-e', code]).pid);
  const child = await rig.process(`sleep ${token}`);
  const port = Number(await until('its port', () => existsSync(file) && readFileSync(file, 'utf8')));
  await until('its sleep', () => readFileSync(`/proc/${child.pid}/wchan`, 'utf8').includes('nanosleep'));
  return { parent, child, port };
}

it('knows an inherited socket that nobody accepts on, once the server is gone', async () => {
  await using rig = new ProcessRig();
  const { parent, child, port } = await heir(rig);
  const before = await report(port);
  expect(before.is).toBe('foreign');
  expect(before.claims.map(({ pid, accepts }) => [pid, accepts])).toEqual(
    expect.arrayContaining([
      [parent.pid, true],
      [child.pid, false],
    ]),
  );
  await rig.kill(parent);
  // Connecting succeeds, which is why a health check by connecting lies.
  const client = connect(port, '127.0.0.1');
  await connected(client);
  await until('a connection that waits', () => tcpRows([port]).some(({ queue }) => queue === 1));
  const after = await report(port);
  client.destroy();
  expect(after).toMatchObject({ is: 'inherited', backlog: 1, claims: [{ pid: child.pid, accepts: false }] });
});

it('tells our service, one of another project and one below a process-compose elsewhere apart', async () => {
  await using rig = new ProcessRig();
  const site = rig.site();
  const file = join(site.root, 'port');
  const code = `const s=require('net').createServer();s.listen(${await freePort()},'::1',()=>setImmediate(()=>require('fs').writeFileSync('${file}',String(s.address().port))))`;
  const server = await rig.stack(site, [`exec node -e "${code}"`]);
  const port = Number(await until('its port', () => existsSync(file) && readFileSync(file, 'utf8')));
  const { members } = findMembers({
    key: site.key,
    root: site.root,
    records: [recordNow(site, server)],
    servers: [server],
  });
  expect(await report(port, { members })).toMatchObject({
    is: 'ours',
    claims: [{ service: 's0', addresses: ['::1'], evidence: expect.arrayContaining(['marker', 'tree']) }],
  });
  // The same processes, asked about by somebody else.
  expect(await report(port, { root: site.root })).toMatchObject({
    is: 'project',
    claims: [{ project: site.root, service: 's0' }],
  });
  expect(await report(port)).toMatchObject({ is: 'project', claims: [{ project: null }] });
});
