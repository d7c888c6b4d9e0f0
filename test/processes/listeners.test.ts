import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endpointOwners, endpointsOf, listeningPorts, portHolders } from '../../src/processes/listeners.ts';
import { parseTcp, parseUnix } from '../../src/processes/sockets.ts';
import { freePort } from '../rig/free-port.ts';
import { ProcessRig, uniqueSeconds, until } from '../rig/processes.ts';

/** A node process that listens and writes its port (or `ready`) to `file`. */
function listener(rig: ProcessRig, listen: string, file: string, more = '', env = {}) {
  const code = `const s=require('net').createServer();s.listen(${listen},()=>{${more};require('fs').writeFileSync('${file}',String(s.address().port??'ready'))})`;
  const child = rig.spawn(['node', '-e', code], { env, cwd: '/tmp' });
  return {
    pid: child.pid ?? 0,
    port: until('the listener', () => existsSync(file) && readFileSync(file, 'utf8')).then(Number),
  };
}

describe('portHolders', () => {
  it.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('finds who listens on %s', async (host) => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const env = { ...site.env, PC_PROC_NAME: 'web' };
    const { pid, port } = listener(
      rig,
      `{port:${await freePort()},host:'${host}'}`,
      join(site.root, 'port'),
      '',
      env,
    );
    const rootOf = (key: string) => (key === site.key ? site.root : null);

    expect(portHolders([await port], rootOf)).toEqual([
      {
        port: await port,
        pid,
        uid: process.getuid?.(),
        command: expect.stringContaining('node -e'),
        cwd: '/tmp',
        project: site.root,
        service: 'web',
      },
    ]);
    expect(listeningPorts([pid])).toEqual(new Map([[await port, [pid]]]));
    expect(endpointsOf(pid)).toEqual([{ kind: 'tcp', host, port: await port }]);
    expect(
      endpointOwners({ kind: 'tcp', host: host.includes(':') ? '::1' : '127.0.0.1', port: await port }),
    ).toEqual([pid]);
    expect(endpointOwners({ kind: 'tcp', host: 'localhost', port: await port })).toEqual([pid]);
  });

  it('finds the child that inherited a listener from a parent that is gone', async () => {
    await using rig = new ProcessRig();
    const file = join(rig.directory(), 'port');
    const token = uniqueSeconds();
    const pass = `require('child_process').spawn('sleep',['${token}'],{stdio:['ignore','ignore','ignore',...Array(17).fill('ignore'),s._handle.fd]})`;
    const { pid, port } = listener(rig, `${await freePort()},'127.0.0.1'`, file, pass);
    const child = await rig.process(`sleep ${token}`);
    const number = await port;

    expect(portHolders([number]).map((holder) => holder.pid)).toEqual(
      [pid, child.pid].toSorted((a, b) => a - b),
    );
    await rig.kill(await rig.id(pid));
    expect(portHolders([number]).map((holder) => holder.pid)).toEqual([child.pid]);
  });

  it('does not take a client for a holder', async () => {
    await using rig = new ProcessRig();
    const { pid, port } = listener(rig, `${await freePort()},'127.0.0.1'`, join(rig.directory(), 'port'));
    const client = createConnection(await port, '127.0.0.1');
    await new Promise((resolve) => client.once('connect', resolve));
    expect(portHolders([await port, client.localPort ?? 0]).map((holder) => holder.pid)).toEqual([pid]);
    client.destroy();
  });

  it('is empty for a free port', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    expect(portHolders([port]).map(({ pid }) => pid)).toEqual([process.pid]);
    await new Promise((resolve) => server.close(resolve));
    expect(portHolders([port])).toEqual([]);
    expect(portHolders([])).toEqual([]);
  });
});

describe('endpointOwners', () => {
  it('finds the server of a unix socket through symlinks, and nobody behind a stale one', async () => {
    await using rig = new ProcessRig();
    const directory = rig.directory();
    const path = join(directory, 'pc.sock');
    const { pid, port } = listener(rig, `'${path}'`, join(directory, 'ready'));
    await port;
    symlinkSync(directory, join(directory, 'link'));

    expect(endpointOwners({ kind: 'unix', path })).toEqual([pid]);
    expect(endpointOwners({ kind: 'unix', path: join(directory, 'link', 'pc.sock') })).toEqual([pid]);
    expect(endpointsOf(pid)).toEqual([{ kind: 'unix', path }]);
    await rig.kill(await rig.id(pid));
    expect(existsSync(path)).toBe(true);
    expect(endpointOwners({ kind: 'unix', path })).toEqual([]);
  });

  it('puts the younger first when a path was unlinked and bound again', async () => {
    await using rig = new ProcessRig();
    const directory = rig.directory();
    const path = join(directory, 'pc.sock');
    const first = listener(rig, `'${path}'`, join(directory, 'one'));
    await first.port;
    rmSync(path);
    const second = listener(rig, `'${path}'`, join(directory, 'two'));
    await second.port;

    expect(endpointOwners({ kind: 'unix', path })).toEqual([second.pid, first.pid]);
  });

  it('leaves out a child that only inherited the socket, as every service does between fork and exec', async () => {
    await using rig = new ProcessRig();
    const directory = rig.directory();
    const path = join(directory, 'pc.sock');
    const code = `use IO::Socket::UNIX; my $s=IO::Socket::UNIX->new(Local=>'${path}',Listen=>1); my $p=fork; open F,'>',"${directory}/child" unless $p; sleep 999`;
    const { pid } = rig.spawn(['perl', '-e', code]);
    await until('the child', () => existsSync(`${directory}/child`));

    expect(endpointOwners({ kind: 'unix', path })).toEqual([pid]);
  });
});

const row = (local: string, state = '0A') =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0`;

describe('the kernel lists', () => {
  it.each([
    ['0100007F:0BB8', '127.0.0.1', 3000],
    ['00000000:0050', '0.0.0.0', 80],
    ['00000000000000000000000001000000:0BB8', '::1', 3000],
    ['00000000000000000000000000000000:0BB8', '::', 3000],
    ['0000000000000000FFFF00000100007F:0BB8', '127.0.0.1', 3000],
    ['B80D0120000000000000000001000000:0BB8', '2001:db8::1', 3000],
  ])('%s is %s port %i', (local, host, port) => {
    expect(parseTcp([row(local)])).toEqual([{ host, port, uid: 1000, inode: '4711' }]);
  });

  it('lists listeners only, paths with spaces whole, nothing abstract', () => {
    expect(parseTcp([row('0100007F:0BB8', '01'), row('0100007F:0BB8', '06'), ''])).toEqual([]);
    const unix = [
      '0000000000000000: 00000002 00000000 00010000 0001 01  4711 /tmp/a b/pc.sock',
      '0000000000000000: 00000002 00000000 00010000 0001 01 14712 @abstract',
      '0000000000000000: 00000003 00000000 00000000 0001 03 14713 /tmp/a b/pc.sock',
      '0000000000000000: 00000002 00000000 00000000 0002 01 14714',
    ];
    expect(parseUnix(unix)).toEqual([{ path: '/tmp/a b/pc.sock', inode: '4711' }]);
  });
});
