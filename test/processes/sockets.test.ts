import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { parseTcp, tcpListeners } from '../../src/processes/sockets.ts';
import { freePort } from '../rig/free-port.ts';

async function listening(host: string) {
  const server = createServer().listen(await freePort(), host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, end: () => server.close() };
}

/** The whole lists, as the kernel would give them to somebody who has time. */
const portsOfAll = (): number[] =>
  ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => parseTcp(readFileSync(path, 'utf8').split('\n').slice(1)))
    .map(({ port }) => port);

it('finds every listener, with and without connections beside them', async () => {
  const servers = await Promise.all(['127.0.0.1', '::', '::1', '0.0.0.0'].map(listening));
  const ours = servers.map(({ port }) => port);
  const found = (): number[] => tcpListeners().map(({ port }) => port);
  expect(found()).toEqual(expect.arrayContaining(ours));
  const clients = servers.slice(0, 2).map(({ port }) => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  expect(found()).toEqual(expect.arrayContaining(ours));
  const mine = (ports: readonly number[]) => ports.filter((port) => ours.includes(port));
  expect(mine(found())).toEqual(mine(portsOfAll()));
  for (const client of clients) client.destroy();
  for (const server of servers) server.end();
});
