// Debian's ps and lsof in place of Apple's: the options that both have. `ps -E` is Apple's alone, so no variables here.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readCwd, readExe, readMarks } from '../../../src/processes/evidence.ts';
import { darwinSystem } from '../../../src/processes/darwin/system.ts';
import { endpointOwners, endpointsOf, portHolders } from '../../../src/processes/listeners.ts';
import { findMembers } from '../../../src/processes/members.ts';
import { useSystem } from '../../../src/processes/other-system.ts';
import { signalProcess } from '../../../src/processes/signal.ts';
import { startedAt } from '../../../src/processes/since.ts';
import { isAlive, readRow } from '../../../src/processes/table.ts';
import { freePort } from '../../rig/free-port.ts';
import { ProcessRig, uniqueSeconds, until } from '../../rig/processes.ts';
import { program } from '../../rig/programs.ts';

const debian = () => darwinSystem({ ps: program('ps'), lsof: program('lsof'), sysctl: '/nonexistent' });

afterEach(() => useSystem(null));

describe('the process table through ps', () => {
  it('says of a service what /proc says, its session and its spaces included', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const seconds = uniqueSeconds();
    const server = await rig.stack(site, [`exec -a 'a  b' sleep ${seconds}`]);
    const service = await rig.process(`a  b ${seconds}`);
    const since = Date.parse(startedAt(service.startTime) ?? '');

    useSystem(debian());
    const { startTime, state: _now, ...row } = readRow(service.pid) ?? service;
    const { startTime: _ticks, state: _before, ...expected } = service;
    expect(row).toEqual(expected);
    expect(row.session).toBe(server.pid);
    expect(Math.abs(Number(startTime) * 1000 - since)).toBeLessThanOrEqual(2000);
    expect(isAlive({ pid: service.pid, startTime })).toBe(true);
    expect(isAlive({ pid: service.pid, startTime: String(Number(startTime) - 60) })).toBe(false);
  });

  it('proves by descent alone where it tells no marker', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const seconds = uniqueSeconds();
    const { pid } = await rig.stack(site, [`exec sleep ${seconds}`]);
    const service = await rig.process(`sleep ${seconds}`);

    const system = debian();
    useSystem({ ...system, bootId: () => 'boot' });
    expect(readMarks(service.pid, [])).toEqual({ marker: null, canary: null, service: null });
    const found = (servers: readonly { pid: number; startTime: string }[]) =>
      findMembers({ key: site.key, root: site.root, records: [], servers }).members.map(({ row }) => row.pid);
    expect(found([])).toEqual([]);
    // In no order: of two that were born in one second the parent may have the higher pid, where the pids began anew.
    expect(new Set(found([{ pid, startTime: readRow(pid)?.startTime ?? '' }]))).toEqual(
      new Set([pid, service.pid]),
    );
  });

  it('is asked again right before a signal', async () => {
    await using rig = new ProcessRig();
    const child = rig.spawn(['sleep', uniqueSeconds()]);
    const ended = once(child, 'exit');
    await rig.id(child.pid);

    useSystem(debian());
    const pid = child.pid ?? 0;
    const startTime = readRow(pid)?.startTime ?? '';
    expect(signalProcess({ pid, startTime: String(Number(startTime) - 60) }, 'SIGTERM')).toBe('gone');
    expect(signalProcess({ pid: process.ppid, startTime }, 'SIGTERM')).toBe('refused');
    expect(signalProcess({ pid, startTime }, 'SIGTERM')).toBe('sent');
    await ended;
    expect(signalProcess({ pid, startTime }, 'SIGTERM')).toBe('gone');
  });

  it('throws where nothing is answered, for an empty table would say that all have ended', () => {
    const system = darwinSystem({ ps: '/bin/true', lsof: '/bin/true', sysctl: '/bin/true' });
    expect(() => system.readTable()).toThrow('/bin/true lists no processes');
    expect(() => system.bootId()).toThrow('/bin/true does not know kern.bootsessionuuid');
    expect(() => darwinSystem({ ps: '/nonexistent', lsof: '', sysctl: '' }).readTable()).toThrow('ENOENT');
  });
});

describe('places and sockets through lsof', () => {
  it('are those of /proc', async () => {
    await using rig = new ProcessRig();
    const cwd = rig.directory();
    const child = rig.spawn(['sleep', uniqueSeconds()], { cwd });
    const { pid } = await rig.id(child.pid);
    const exe = await until('the exec', () => (readExe(pid)?.endsWith('node') ? null : readExe(pid)));
    useSystem(debian());
    expect(readCwd(pid)).toBe(cwd);
    expect(readExe(pid)).toBe(exe);
  });

  it('find who listens on an address of either family', async () => {
    useSystem(debian());
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer().listen(await freePort(), host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      expect(endpointsOf(process.pid)).toContainEqual({ kind: 'tcp', host, port });
      expect(endpointOwners({ kind: 'tcp', host, port })).toEqual([process.pid]);
      expect(portHolders([port])).toMatchObject([{ port, pid: process.pid, uid: process.getuid?.() }]);
      server.close();
      await once(server, 'close');
    }
  });
});
