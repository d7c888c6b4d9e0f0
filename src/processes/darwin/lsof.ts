/** Parses what `lsof -F` prints: one field per line, named by its first letter. */
import type { TcpListener, UnixListener } from '../listening-socket.ts';

export interface OpenFile {
  readonly pid: number;
  /** -1 where it was not asked for. */
  readonly uid: number;
  /** `cwd`, `txt`, or a number. */
  readonly fd: string;
  /** Of a socket: the kernel's name for it, the same for everyone who holds it. */
  readonly device: string;
  readonly name: string;
}

/** Needs the fields p, f and n; u and d where they are wanted. */
export function parseLsof(text: string): OpenFile[] {
  const files: OpenFile[] = [];
  let owner = { pid: 0, uid: -1 };
  let file = { fd: '', device: '' };
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) owner = { pid: Number(value), uid: -1 };
    else if (line.startsWith('u')) owner = { ...owner, uid: Number(value) };
    else if (line.startsWith('f')) file = { fd: value, device: '' };
    else if (line.startsWith('d')) file = { ...file, device: value };
    else if (line.startsWith('n')) files.push({ ...owner, ...file, name: value });
  }
  return files;
}

/** `127.0.0.1:80`, `[::1]:80`, `*:80`. A wildcard does not show its family, and counts for both. */
export function tcpListenersOf(files: readonly OpenFile[]): TcpListener[] {
  return files.flatMap(({ uid, device, name }) => {
    const [, address = '', port] = /^(.+):(\d+)(?: \(LISTEN\))?$/.exec(name) ?? [];
    if (port === undefined || device === '') return [];
    const host = address.replace(/^\[(.*)\]$/, '$1');
    const hosts = host === '*' ? ['0.0.0.0', '::'] : [host];
    return hosts.map((each) => ({ host: each, port: Number(port), uid, inode: device }));
  });
}

/** Sockets bound to a path. Connected ones are named `->0x…`; whether one listens is not shown. */
export const unixListenersOf = (files: readonly OpenFile[]): UnixListener[] =>
  files.flatMap(({ device, name }) =>
    name === '' || name.startsWith('->') || device === '' ? [] : [{ path: name, inode: device }],
  );

export interface Places {
  readonly cwd: string | null;
  readonly exe: string | null;
}

/** The program is the first of its `txt` files; libraries follow. */
export function placesOf(files: readonly OpenFile[]): Map<number, Places> {
  const found = new Map<number, Places>();
  for (const { pid, fd, name } of files) {
    const known = found.get(pid) ?? { cwd: null, exe: null };
    // `/path (readlink: Permission denied)`: no path.
    const path = name.startsWith('/') && !/ \([^)]*: [^)]*\)$/.test(name) ? name : null;
    if (fd === 'cwd') found.set(pid, { ...known, cwd: known.cwd ?? path });
    if (fd === 'txt') found.set(pid, { ...known, exe: known.exe ?? path });
  }
  return found;
}
