import { expect, it } from 'vitest';
import type { AddressProbe, PortClaim, PortReport } from '../../src/core/port-report.ts';
import { isContainerProxy, isUsable, portWord } from '../../src/core/port-report.ts';

const claim = (more: Partial<PortClaim> = {}): PortClaim => ({
  port: 3000,
  pid: 42,
  uid: 1000,
  command: 'node x.js',
  cwd: '/elsewhere',
  project: null,
  service: null,
  is: 'foreign',
  how: 'listens',
  addresses: ['127.0.0.1'],
  peers: [],
  since: null,
  accepts: null,
  orphan: false,
  leftover: false,
  stray: false,
  evidence: [],
  ...more,
});
const all = (bind: AddressProbe['bind']): AddressProbe[] =>
  ['127.0.0.1', '::1', '0.0.0.0', '::'].map((host) => ({ host, bind }));
const word = (claims: PortClaim[], more: Partial<PortReport> = {}) =>
  portWord({ claims, timeWait: 0, backlog: 0, addresses: all('taken'), ...more });

it('is ours only when every listener is', () => {
  expect(word([claim({ is: 'ours' }), claim({ is: 'ours' })])).toBe('ours');
  expect(word([claim({ is: 'ours' }), claim({ is: 'foreign' })])).toBe('foreign');
  expect(word([claim({ is: 'ours' }), claim({ is: 'project' })])).toBe('project');
  expect(word([claim({ is: 'proxy' })])).toBe('proxy');
  expect(word([claim({ is: 'ours' }), claim({ is: 'detached' })])).toBe('detached');
});

it.each([
  [
    'several hold it and none accepts',
    [claim({ accepts: false }), claim({ accepts: false })],
    0,
    'inherited',
  ],
  ['an orphan holds it and does not accept', [claim({ accepts: false, orphan: true })], 0, 'inherited'],
  ['somebody waits in vain', [claim({ accepts: false })], 1, 'inherited'],
  ['one process sleeps for now', [claim({ accepts: false })], 0, 'foreign'],
  ['one of them accepts', [claim({ accepts: false, orphan: true }), claim({ accepts: true })], 1, 'foreign'],
  ['one of them cannot be told', [claim({ accepts: false, orphan: true }), claim()], 1, 'foreign'],
])('tells an inherited socket that nobody accepts on: %s', (_, claims, backlog, is) => {
  expect(word(claims, { backlog })).toBe(is);
});

it('calls a port without listeners by what bind says, not by what is left of old connections', () => {
  const client = claim({ how: 'connects' });
  expect(word([], { addresses: all('free'), timeWait: 3 })).toBe('free');
  expect(word([client], { addresses: all('free') })).toBe('free');
  expect(word([client])).toBe('client');
  expect(word([], { timeWait: 3 })).toBe('time-wait');
  expect(word([])).toBe('bound');
  expect(word([], { addresses: all('denied') })).toBe('free');
});

it('is usable when it is free or ours', () => {
  const report = (is: PortReport['is'], claims: PortClaim[]): PortReport => ({
    port: 3000,
    is,
    claims,
    timeWait: 0,
    backlog: 0,
    addresses: [],
  });
  expect(isUsable(report('free', []))).toBe(true);
  expect(isUsable(report('ours', [claim({ is: 'ours' })]))).toBe(true);
  expect(isUsable(report('inherited', [claim({ is: 'ours' })]))).toBe(true);
  expect(isUsable(report('foreign', [claim()]))).toBe(false);
  expect(isUsable(report('bound', []))).toBe(false);
});

it('knows the proxies of containers by their program, and docker’s by the port that it names', () => {
  const docker = '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 3000 -container-port 80';
  expect(isContainerProxy(docker)).toBe(true);
  expect(isContainerProxy(docker, 3000)).toBe(true);
  expect(isContainerProxy(docker, 300)).toBe(false);
  expect(isContainerProxy('rootlesskit --net=slirp4netns')).toBe(true);
  expect(isContainerProxy('/usr/libexec/podman/gvproxy -mtu 1500', 3000)).toBe(true);
  expect(isContainerProxy('node docker-proxy.js')).toBe(false);
});
