/** The door to the TCP sockets of our network namespace on given ports, in any state: /proc/net/tcp and tcp6. */
import { hostOf, readLines } from './sockets.ts';

export type TcpState = 'listen' | 'time-wait' | 'connected';

export interface TcpRow {
  readonly host: string;
  readonly port: number;
  /** The other end as `host:port`; null for a listener. */
  readonly peer: string | null;
  readonly state: TcpState;
  readonly uid: number;
  /** `0`: no process holds it any more. */
  readonly inode: string;
  /** For a listener: connections that wait to be accepted. */
  readonly queue: number;
}

/** The sockets whose local end is one of `ports`. */
export const tcpRows = (ports: readonly number[]): TcpRow[] =>
  parseTcpRows([...readLines('/proc/net/tcp'), ...readLines('/proc/net/tcp6')], ports);

export function parseTcpRows(lines: readonly string[], ports: readonly number[]): TcpRow[] {
  const endings = ports.map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  const found: TcpRow[] = [];
  for (const line of lines) {
    const [, local = '', remote = '', state = '', queues = '', , , uid, , inode = '0'] = line
      .trim()
      .split(/\s+/, 10);
    if (!endings.some((ending) => local.endsWith(ending))) continue;
    const own = addressOf(local);
    const peer = addressOf(remote);
    found.push({
      ...own,
      peer: state === '0A' ? null : `${peer.host.includes(':') ? `[${peer.host}]` : peer.host}:${peer.port}`,
      state: state === '0A' ? 'listen' : state === '06' ? 'time-wait' : 'connected',
      uid: Number(uid),
      inode,
      queue: Number.parseInt(queues.split(':')[1] ?? '0', 16),
    });
  }
  return found;
}

function addressOf(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: hostOf(text.slice(0, colon)), port: Number.parseInt(text.slice(colon + 1), 16) };
}
