/** Decides, from every process that uses a port, whose it is and whether a service could listen there. */
import { baseName } from './paths.ts';
import type { PortHolder } from './trouble.ts';

/** Whose the process is that holds a socket on the port. `detached`: it came from this stack and left it. */
export type ClaimOwner = 'ours' | 'detached' | 'project' | 'proxy' | 'foreign';

/** One process with a socket on the port, or one that cannot be seen (pid null). */
export interface PortClaim extends PortHolder {
  readonly is: ClaimOwner;
  /** `connects`: the port is the local end of a connection, so nobody can listen there. */
  readonly how: 'listens' | 'connects';
  /** As they were bound: `127.0.0.1`, `::1`, `0.0.0.0`, `::` … */
  readonly addresses: readonly string[];
  /** The other ends of its connections, `host:port`; only for `connects`. */
  readonly peers: readonly string[];
  /** When the process started; null when it cannot be seen. */
  readonly since: string | null;
  /** It waits for connections on this socket; null: cannot be told. */
  readonly accepts: boolean | null;
  /** Its parent is gone: it may have inherited what it holds. */
  readonly orphan: boolean;
  /** Ours, from an earlier run. */
  readonly leftover: boolean;
  /** Looks like a service of this project that lost its supervisor; nothing proves it. */
  readonly stray: boolean;
  /** Why it is ours, in words of core/ownership.ts. */
  readonly evidence: readonly string[];
}

/** What bind(2) said. `denied`: only root may; `absent`: this machine has no such address. */
export interface AddressProbe {
  readonly host: string;
  readonly bind: 'free' | 'taken' | 'denied' | 'absent';
}

export type PortWord = ClaimOwner | 'inherited' | 'client' | 'time-wait' | 'bound' | 'free';

export interface PortReport {
  readonly port: number;
  readonly is: PortWord;
  readonly claims: readonly PortClaim[];
  /** Connections to it that ended less than a minute ago. */
  readonly timeWait: number;
  /** Connections that nobody has accepted yet. */
  readonly backlog: number;
  readonly addresses: readonly AddressProbe[];
}

/**
 * ```
 * listeners ── all of this stack ─────────────▶ ours
 *           ├─ nobody accepts ────────────────▶ inherited
 *           └─ else the first that is not ours: project, proxy, foreign, detached
 * no listener, bind refused ── a connection ──▶ client
 *                           ├─ TIME_WAIT ─────▶ time-wait
 *                           └─ nothing ───────▶ bound (it does not listen, or its network is not ours to see)
 * no listener, bind allowed ──────────────────▶ free, whatever is left of old connections
 * ```
 */
export function portWord(facts: Omit<PortReport, 'port' | 'is'>): PortWord {
  const listeners = facts.claims.filter((claim) => claim.how === 'listens');
  if (listeners.length > 0) {
    if (nobodyAccepts(listeners, facts.backlog)) return 'inherited';
    const order: readonly ClaimOwner[] = ['project', 'proxy', 'foreign', 'detached'];
    return order.find((owner) => listeners.some((claim) => claim.is === owner)) ?? 'ours';
  }
  if (!facts.addresses.some(({ bind }) => bind === 'taken')) return 'free';
  if (facts.claims.length > 0) return 'client';
  return facts.timeWait > 0 ? 'time-wait' : 'bound';
}

/**
 * A server died and left its listening socket to a child: connecting succeeds, and nothing ever answers. A single process
 * that merely sleeps may accept in a moment, so there must be a sign of inheritance, or a client that waits in vain.
 */
function nobodyAccepts(listeners: readonly PortClaim[], backlog: number): boolean {
  if (!listeners.every((claim) => claim.accepts === false)) return false;
  return backlog > 0 || listeners.length > 1 || listeners.every((claim) => claim.orphan);
}

/** A service of this project could listen there, or does. */
export const isUsable = ({ is, claims }: PortReport): boolean =>
  is === 'free' || (claims.length > 0 && claims.every((claim) => claim.is === 'ours'));

/** Programs that hold a port for a container or a virtual machine. */
const proxies =
  /^(?:docker-proxy|rootlesskit|rootlessport|slirp4netns|pasta(?:\.avx2)?|passt(?:\.avx2)?|gvproxy|conmon|vpnkit(?:-bridge)?|com\.docker\.\w+|containerd-shim[\w-]*|limactl|lima|colima|OrbStack\w*|podman)$/;

/** Is this command line a container's proxy? `port`: asked for exactly this one, where the command names ports. */
export function isContainerProxy(command: string, port: number | null = null): boolean {
  const [program = ''] = command.split(' ', 1);
  if (!proxies.test(baseName(program))) return false;
  const named = /\s-host-port[ =](\d+)/.exec(command)?.[1];
  return port === null || named === undefined || Number(named) === port;
}
