import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessId } from '../../src/core/process.ts';
import type { InstanceRecord } from '../../src/processes/ledger.ts';
import { endMembers, waitGone } from '../../src/processes/ladder.ts';
import { findMembers } from '../../src/processes/members.ts';
import { isAlive, readRow, readTable } from '../../src/processes/table.ts';
import type { Site } from '../rig/processes.ts';
import { ProcessRig, recordNow, recordOf, uniqueSeconds, until } from '../rig/processes.ts';

const finder =
  (site: Site, ...records: InstanceRecord[]) =>
  () =>
    findMembers({ key: site.key, root: site.root, records, servers: [] }).members;

const words = (signals: readonly { signal: string }[]): string[] => [
  ...new Set(signals.map(({ signal }) => signal)),
];

/** A service that says when its trap is set: a TERM before that would prove nothing. */
const trapping = (site: Site, trap: string, token: string): string =>
  `trap '${trap}' TERM; touch ${site.root}/armed; while :; do sleep ${token} & wait $!; done`;
const armed = (site: Site) => until('the trap', () => existsSync(join(site.root, 'armed')));

describe('endMembers', () => {
  it('ends a polite stack with TERM alone, services before the server', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const server = await rig.stack(site, [`exec sleep ${token}`, `exec sleep ${token}2`]);
    const services = [await rig.process(`sleep ${token}`), await rig.process(`sleep ${token}2`)];

    const { survivors, signals } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 5_000,
      serversLast: true,
    });

    expect(survivors).toEqual([]);
    expect(words(signals)).toEqual(['SIGTERM', 'SIGCONT']);
    const order = signals.filter(({ signal }) => signal === 'SIGTERM').map(({ pid }) => pid);
    expect(new Set(order.slice(0, 2))).toEqual(new Set(services.map(({ pid }) => pid)));
    expect(order.slice(2)).not.toContain(services[0]?.pid);
    for (const id of [server, ...services]) expect(isAlive(id)).toBe(false);
  });

  it('gives a service time to end in its own way', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const server = await rig.stack(site, [
      trapping(site, `echo done > ${site.root}/done; exit 0`, uniqueSeconds()),
    ]);
    await armed(site);

    const { survivors, signals } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 10_000,
      serversLast: true,
    });

    expect(survivors).toEqual([]);
    expect(readFileSync(join(site.root, 'done'), 'utf8')).toBe('done\n');
    expect(words(signals)).not.toContain('SIGKILL');
  });

  it('kills one that ignores TERM after the grace, and tells of each signal', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const server = await rig.stack(site, [trapping(site, '', uniqueSeconds())]);
    await armed(site);
    const told: string[] = [];

    const { survivors, signals } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 100,
      serversLast: true,
      onSignal: ({ signal }) => told.push(signal),
    });

    expect(survivors).toEqual([]);
    expect(words(signals)).toContain('SIGKILL');
    expect(told).toEqual(signals.map(({ signal }) => signal));
    expect(isAlive(server)).toBe(false);
  });

  it('does not wait for the grace when it is hastened', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const server = await rig.stack(site, [trapping(site, '', uniqueSeconds())]);
    await armed(site);
    const impatience = new AbortController();
    const began = performance.now();

    const { survivors } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 600_000,
      serversLast: true,
      hasten: impatience.signal,
      onSignal: () => impatience.abort(),
    });

    expect(survivors).toEqual([]);
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it('wakes a stopped process so that it can act on TERM', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const server = await rig.stack(site, [
      trapping(site, `echo done > ${site.root}/done; exit 0`, uniqueSeconds()),
    ]);
    await armed(site);
    const service = finder(site, recordOf(site, server))().find(({ row }) => row.parent === server.pid)?.row;
    if (!service) throw new Error('no service');
    process.kill(service.pid, 'SIGSTOP');
    await until('state T', () => readRow(service.pid)?.state === 'T');

    const { signals } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 10_000,
      serversLast: true,
    });

    expect(existsSync(join(site.root, 'done'))).toBe(true);
    expect(words(signals)).not.toContain('SIGKILL');
  });

  it('finds the child that a service forks while it shuts down', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const token = uniqueSeconds();
    const late = `setsid sleep ${token}9 & exit 0`;
    const server = await rig.stack(site, [trapping(site, late, token)]);
    await armed(site);

    const { survivors } = await endMembers({
      find: finder(site, recordOf(site, server)),
      graceMs: 10_000,
      serversLast: true,
    });

    expect(survivors).toEqual([]);
    expect(finder(site, recordOf(site, server))()).toEqual([]);
  });

  it('does not wait for a zombie that nobody reaps', async () => {
    await using rig = new ProcessRig();
    const site = rig.site();
    const script = `fork or exec "sleep","${uniqueSeconds()}"; open F,">${site.root}/armed"; close F; $SIG{TERM}="IGNORE"; sleep 9 while 1`;
    // Not of the project: it keeps the zombie, as a container's pid 1 does.
    const parent = await rig.id(rig.spawn(['perl', '-e', script], { env: {} }).pid);
    await armed(site);
    const child = await until('the child', () => finderOf(parent)[0]);
    const member = {
      pid: child.pid,
      startTime: child.startTime,
      service: 'web',
      group: child.group,
      session: child.session,
    };
    const record = recordOf(site, null, { members: [member] });

    const { survivors, signals } = await endMembers({
      find: finder(site, record),
      graceMs: 10_000,
      serversLast: true,
    });

    expect(survivors).toEqual([]);
    expect(signals.map(({ pid, signal }) => [pid, signal])).toEqual([
      [child.pid, 'SIGTERM'],
      [child.pid, 'SIGCONT'],
    ]);
    expect(readRow(child.pid)?.state).toBe('Z');
  });

  it('clears the orphans of a killed server and nothing of the project beside it', async () => {
    await using rig = new ProcessRig();
    const [site, other] = [rig.site(), rig.site()];
    const token = uniqueSeconds();
    const line = `(setsid sleep ${token}3 &); env -i sleep ${token}; true`;
    const server = await rig.stack(site, [line]);
    await rig.process(`sleep ${token}`);
    const beside = await rig.stack(other, [`exec sleep ${token}5`]);
    const neighbour = await rig.process(`sleep ${token}5`);
    const record = recordNow(site, server);
    await rig.kill(server);

    const { survivors } = await endMembers({ find: finder(site, record), graceMs: 5_000, serversLast: true });

    expect(survivors).toEqual([]);
    for (const id of [beside, neighbour]) expect(isAlive(id)).toBe(true);
  });

  it('reports what it may not end, within its bounds', async () => {
    const self = readRow(process.pid);
    if (!self) throw new Error('no row of our own');
    const member = { row: self, evidence: ['tree'], service: 'web', generation: null, isServer: false };

    const { survivors, signals } = await endMembers({
      find: () => [member],
      graceMs: 10,
      serversLast: true,
      killGraceMs: 10,
    });

    expect(survivors).toEqual([
      {
        pid: process.pid,
        startTime: self.startTime,
        command: self.command,
        service: 'web',
        state: self.state,
        evidence: ['tree'],
      },
    ]);
    expect([...new Set(signals.map(({ outcome }) => outcome))]).toEqual(['refused']);
  });

  it('returns at once when there is nobody', async () => {
    expect(await endMembers({ find: () => [], graceMs: 60_000, serversLast: true })).toEqual({
      survivors: [],
      signals: [],
    });
  });
});

const memberOf = (id: ProcessId) => {
  const row = readRow(id.pid);
  return row?.startTime === id.startTime && row.state !== 'Z'
    ? [{ row, evidence: ['tree'], service: null, generation: null, isServer: false }]
    : [];
};

describe('waitGone', () => {
  it('resolves when the last one is gone', async () => {
    await using rig = new ProcessRig();
    const id = await rig.id(rig.spawn(['sleep', uniqueSeconds()]).pid);
    const waiting = waitGone(() => memberOf(id), 30_000);
    await rig.kill(id);
    expect(await waiting).toEqual([]);
  });

  it('gives back what is left at its bound, or when it is aborted', async () => {
    await using rig = new ProcessRig();
    const id = await rig.id(rig.spawn(['sleep', uniqueSeconds()]).pid);
    expect((await waitGone(() => memberOf(id), 20)).map(({ row }) => row.pid)).toEqual([id.pid]);
    expect(
      (await waitGone(() => memberOf(id), 600_000, AbortSignal.abort())).map(({ row }) => row.pid),
    ).toEqual([id.pid]);
  });

  it('looks at the table seldom while known processes live', async () => {
    await using rig = new ProcessRig();
    const id = await rig.id(rig.spawn(['sleep', uniqueSeconds()]).pid);
    let looks = 0;
    await waitGone(() => ((looks += 1), memberOf(id)), 300);
    expect(looks).toBeLessThan(12);
  });
});

const finderOf = (parent: ProcessId) =>
  readTable().filter((row) => row.parent === parent.pid && row.command.startsWith('sleep'));
