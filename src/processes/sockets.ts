/** The door to the kernel's lists of listening sockets: /proc/net/tcp, tcp6 and unix of our network namespace. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { TcpListener, UnixListener } from './listening-socket.ts';
import { otherSystem } from './other-system.ts';

/** Sockets in state LISTEN. A socket that is bound but does not listen is in no list; TIME_WAIT does not hold a port. */
export const tcpListeners = (): TcpListener[] =>
  otherSystem?.tcpListeners() ?? [
    ...parseTcp(readListeners('/proc/net/tcp', () => socketsInUse('/proc/net/sockstat', 'TCP'))),
    ...parseTcp(readListeners('/proc/net/tcp6', () => socketsInUse('/proc/net/sockstat6', 'TCP6'))),
  ];

/** Stream sockets with a path that listen; abstract ones (`@…`) are left out. */
export const unixListeners = (): UnixListener[] =>
  otherSystem?.unixListeners() ?? parseUnix(readLines('/proc/net/unix'));

const listening = '0A';

export function parseTcp(lines: readonly string[]): TcpListener[] {
  const found: TcpListener[] = [];
  for (const line of lines) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/, 10);
    if (state !== listening || !local || !inode) continue;
    const colon = local.lastIndexOf(':');
    found.push({
      host: hostOf(local.slice(0, colon)),
      port: Number.parseInt(local.slice(colon + 1), 16),
      uid: Number(uid),
      inode,
    });
  }
  return found;
}

/** SO_ACCEPTCON in the flags shows that it listens: the state is 01 for other unconnected sockets too. */
const accepting = '00010000';

export function parseUnix(lines: readonly string[]): UnixListener[] {
  const found: UnixListener[] = [];
  for (const line of lines) {
    const match = /^\S+: \S+ \S+ (\S+) \S+ (\S+) +(\d+) (.+)$/.exec(line);
    const [, flags, state, inode, path] = match ?? [];
    if (flags === accepting && state === '01' && inode && path && !path.startsWith('@'))
      found.push({ path, inode });
  }
  return found;
}

/** The kernel prints each 32-bit word in the machine's byte order, which is little-endian wherever Node runs. */
export function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const words = Array.from(
    { length: 8 },
    (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0),
  );
  return shortened(words);
}

/** The usual short form: the longest run of zero words becomes `::`. */
function shortened(words: readonly number[]): string {
  const text = words.map((word) => word.toString(16)).join(':');
  const runs = [...text.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].toSorted((a, b) => b[0].length - a[0].length);
  const [longest] = runs;
  if (!longest) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** The length of a line of /proc/net/tcp: if asked for no more, the kernel looks only one line ahead. */
const lineLength = 150;

/**
 * Listeners come first; after them the kernel walks its table of connections, which is sized for the machine and not for
 * what is in it: 5 ms for an empty one, and a restart looks four times. So it is read line by line, up to the first line
 * that is not a listener, or until as many lines were read as there are sockets; counted once more then, for one that came
 * meanwhile and was read would leave out another.
 */
function readListeners(path: string, inUse: () => number): string[] {
  let sockets = inUse();
  if (sockets === 0) return [];
  const lines: string[] = [];
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const chunk = Buffer.alloc(lineLength);
    let rest = '';
    const isEnough = (): boolean => lines.length > sockets && lines.length > (sockets = inUse());
    for (let isConnection = false; !isConnection && !isEnough();) {
      const bytes = readSync(fd, chunk, 0, lineLength, null);
      if (bytes === 0) break;
      const parts = (rest + chunk.toString('latin1', 0, bytes)).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      isConnection = parts.some((line) => /^\s*\d+: \S+ \S+ (?!0A)[0-9A-F]{2} /.test(line));
    }
  } catch {
    // No IPv6.
  } finally {
    if (fd !== null) closeSync(fd);
  }
  return lines.slice(1);
}

/** How many sockets of a family are in use, including listeners; infinity where the kernel does not say. */
function socketsInUse(path: string, family: 'TCP' | 'TCP6'): number {
  const line = readLines(path, 0).find((one) => one.startsWith(`${family}: inuse `));
  return line === undefined ? Number.POSITIVE_INFINITY : Number(line.split(' ')[2]);
}

/** Without the header line. Empty where the kernel has no such list. */
export function readLines(path: string, from = 1): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(from);
  } catch {
    return []; // no IPv6
  }
}
