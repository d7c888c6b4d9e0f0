/** Joins listening sockets with the processes that hold them: who has a port, who answers at an endpoint. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Endpoint } from '../core/endpoint.ts';
import type { PortHolder } from '../core/trouble.ts';
import { allPids, socketHolders, socketInodes } from './descriptors.ts';
import { readCwd, readMarks } from './evidence.ts';
import type { TcpListener, UnixListener } from './listening-socket.ts';
import { tcpListeners, unixListeners } from './sockets.ts';
import { readRow } from './table.ts';

/**
 * Everybody who listens on one of `ports`, on any address, one entry for each (port, process): an inherited socket has
 * several holders. A holder that cannot be seen has pid null and the socket's uid.
 *
 * @param rootOf where the project with this key lies, from the list of projects; null when nobody knows.
 */
export function portHolders(
  ports: readonly number[],
  rootOf: (key: string) => string | null = () => null,
): PortHolder[] {
  const listeners = tcpListeners().filter(({ port }) => ports.includes(port));
  const holders = socketHolders(
    new Set(listeners.map(({ inode }) => inode)),
    listeners.length > 0 ? allPids() : [],
  );
  const found = new Map<string, PortHolder>();
  for (const listener of listeners) {
    for (const pid of holders.get(listener.inode) ?? [null]) {
      found.set(`${listener.port} ${pid ?? `uid ${listener.uid}`}`, holderOf(listener, pid, rootOf));
    }
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port || (a.pid ?? 0) - (b.pid ?? 0));
}

/** TCP port → which of `pids` listen on it. */
export function listeningPorts(pids: Iterable<number>): Map<number, number[]> {
  const listeners = tcpListeners();
  const holders = socketHolders(new Set(listeners.map(({ inode }) => inode)), pids);
  const found = new Map<number, number[]>();
  for (const { port, inode } of listeners) {
    const known = found.get(port) ?? [];
    const all = [...new Set([...known, ...(holders.get(inode) ?? [])])];
    if (all.length > 0) found.set(port, all);
  }
  return found;
}

/**
 * The processes that hold the listening socket of `endpoint`, the youngest first: after a socket file was unlinked and bound
 * again the kernel lists two listeners under one path, and the later one answers. Processes that only inherited the socket are
 * left out: between fork and exec the service that a supervisor is starting holds the supervisor's socket.
 */
export function endpointOwners(endpoint: Endpoint): number[] {
  const pids = endpoint.kind === 'unix' ? unixOwners(endpoint.path) : tcpOwners(endpoint.host, endpoint.port);
  const rows = pids.flatMap((pid) => readRow(pid) ?? []);
  return rows
    .filter(({ parent }) => !pids.includes(parent))
    .toSorted((a, b) => Number(b.startTime) - Number(a.startTime) || b.pid - a.pid)
    .map(({ pid }) => pid);
}

/** Where `pid` listens; addresses as they were bound, so a wildcard host is `0.0.0.0` or `::`. Unix paths are absolute. */
export function endpointsOf(pid: number): Endpoint[] {
  const inodes = socketInodes(pid);
  const cwd = readCwd(pid) ?? '/';
  const unix = unixListeners().filter(({ inode }) => inodes.has(inode));
  const tcp = tcpListeners().filter(({ inode }) => inodes.has(inode));
  return [
    ...unix.map(({ path }): Endpoint => ({ kind: 'unix', path: resolve(cwd, path) })),
    ...tcp.map(({ host, port }): Endpoint => ({ kind: 'tcp', host, port })),
  ];
}

function holderOf(
  { port, uid }: TcpListener,
  pid: number | null,
  rootOf: (key: string) => string | null,
): PortHolder {
  const row = pid === null ? null : readRow(pid);
  if (!row) return { port, pid: null, uid, command: null, cwd: null, project: null, service: null };
  const { marker, service } = readMarks(row.pid, []);
  const project = marker && rootOf(marker.key);
  return { port, pid: row.pid, uid: row.uid, command: row.command, cwd: readCwd(row.pid), project, service };
}

function tcpOwners(host: string, port: number): number[] {
  const hosts = new Set([...(loopback[host] ?? [host]), '0.0.0.0', '::']);
  const inodes = tcpListeners().filter((listener) => listener.port === port && hosts.has(listener.host));
  return ownersOf(inodes);
}

/** What people write for this machine, and the addresses it may mean. */
const loopback: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  '0.0.0.0': ['127.0.0.1'],
  '::': ['127.0.0.1', '::1'],
};

function unixOwners(path: string): number[] {
  const wanted = realPath(path);
  const name = basename(wanted);
  const candidates = unixListeners().filter((listener) => basename(listener.path) === name);
  const owners = candidates.filter(
    (listener) => listener.path.startsWith('/') && realPath(listener.path) === wanted,
  );
  const relative = candidates.filter((listener) => !listener.path.startsWith('/'));
  return [...new Set([...ownersOf(owners), ...relativeOwners(relative, wanted)])];
}

/** A path that was bound relative to a working directory only makes sense together with its process. */
function relativeOwners(listeners: readonly UnixListener[], wanted: string): number[] {
  return listeners.flatMap((listener) =>
    ownersOf([listener]).filter((pid) => {
      const cwd = readCwd(pid);
      return cwd !== null && realPath(resolve(cwd, listener.path)) === wanted;
    }),
  );
}

function ownersOf(listeners: readonly { readonly inode: string }[]): number[] {
  const inodes = new Set(listeners.map(({ inode }) => inode));
  return [...new Set([...socketHolders(inodes, inodes.size > 0 ? allPids() : []).values()].flat())];
}

/** If the file is gone, its directory is resolved: a listener outlives its socket file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return realDirectory(path);
  }
}

function realDirectory(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
