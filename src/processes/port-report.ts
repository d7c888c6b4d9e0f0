/** Gathers everything about a port: listeners, connections that use it as their local end, what bind(2) says. */
import type { PortClaim, PortReport } from '../core/port-report.ts';
import { isContainerProxy, portWord } from '../core/port-report.ts';
import type { ProcessRow } from '../core/process.ts';
import { isSameProcess } from '../core/process.ts';
import { probePort } from '../io/bind-probe.ts';
import { accepts } from './acceptors.ts';
import { allPids, socketHolders } from './descriptors.ts';
import { readArgv, readCwd, readExe, readMarks } from './evidence.ts';
import type { Table } from './lineage.ts';
import { ancestors, tableOf } from './lineage.ts';
import type { Member } from './member.ts';
import { startedAt } from './since.ts';
import { readTable } from './table.ts';
import type { TcpRow } from './tcp-rows.ts';
import { tcpRows } from './tcp-rows.ts';

export interface PortQuestion {
  readonly ports: readonly number[];
  /** This project's proved processes, and those that left it; empty outside of a project. */
  readonly members: readonly Member[];
  readonly detached: readonly Member[];
  /** What looks like this project's services, and is not proved. */
  readonly strays: readonly Member[];
  /** Of an earlier run. */
  readonly isLeftover: (member: Member) => boolean;
  /** Where the project with this key lies, of which a process with this working directory is a part; null: unknown. */
  readonly rootOf: (key: string, cwd: string | null) => string | null;
}

/** One report per port, in the order asked. Reads, and binds each port for a moment; connects to nothing. */
export async function reportPorts(question: PortQuestion): Promise<PortReport[]> {
  const rows = tcpRows(question.ports).filter((row) => row.inode !== '0' || row.state !== 'connected');
  const inodes = new Set(rows.map(({ inode }) => inode).filter((inode) => inode !== '0'));
  const holders = socketHolders(inodes, inodes.size > 0 ? allPids() : []);
  const around = { ...question, table: tableOf(readTable()), holders };
  const reports: PortReport[] = [];
  for (const port of new Set(question.ports)) {
    const own = rows.filter((row) => row.port === port);
    const listening = own.filter(({ state }) => state === 'listen');
    // Beside a listener these are its own accepted connections.
    const speaking = listening.length > 0 ? [] : own.filter(({ state }) => state === 'connected');
    const facts = {
      claims: [...claimsOf(around, 'listens', listening), ...claimsOf(around, 'connects', speaking)],
      timeWait: own.filter(({ state }) => state === 'time-wait').length,
      backlog: listening.reduce((sum, { queue }) => sum + queue, 0),
      addresses: await probePort(port),
    };
    reports.push({ port, is: portWord(facts), ...facts });
  }
  return reports;
}

interface Around extends PortQuestion {
  readonly table: Table;
  /** Inode → pids. */
  readonly holders: ReadonlyMap<string, readonly number[]>;
}

/** One for each process, with all its addresses; one for each uid whose processes cannot be seen. */
function claimsOf(around: Around, how: PortClaim['how'], rows: readonly TcpRow[]): PortClaim[] {
  const byHolder = new Map<string, { pid: number | null; rows: TcpRow[] }>();
  for (const row of rows) {
    for (const pid of around.holders.get(row.inode) ?? [unseen(around, row)]) {
      const name = pid === null ? `uid ${row.uid}` : String(pid);
      const known = byHolder.get(name) ?? { pid, rows: [] };
      known.rows.push(row);
      byHolder.set(name, known);
    }
  }
  return [...byHolder.values()].map((holder) => claimOf(around, how, holder));
}

/** We cannot see another user's descriptors, but his command lines: a container's proxy names its port there. */
function unseen({ table }: Around, { uid, port }: TcpRow): number | null {
  const proxies = [...table.values()].filter(
    (row) => row.uid === uid && /\s-host-port[ =]/.test(row.command),
  );
  return proxies.find((row) => isContainerProxy(row.command, port))?.pid ?? null;
}

function claimOf(
  around: Around,
  how: PortClaim['how'],
  holder: { pid: number | null; rows: readonly TcpRow[] },
): PortClaim {
  const [first] = holder.rows;
  const row = holder.pid === null ? null : (around.table.get(holder.pid) ?? null);
  const cwd = row && readCwd(row.pid);
  const accepting = holder.rows.map(({ inode }) => (row ? accepts(row.pid, inode) : null));
  return {
    port: first?.port ?? 0,
    pid: row?.pid ?? null,
    uid: row?.uid ?? first?.uid ?? null,
    command: row?.command ?? null,
    cwd,
    how,
    addresses: [...new Set(holder.rows.map(({ host }) => host))],
    peers: how === 'connects' ? holder.rows.flatMap(({ peer }) => peer ?? []) : [],
    since: row && startedAt(row.startTime),
    accepts: accepting.includes(true) ? true : accepting.includes(null) ? null : false,
    orphan: row !== null && row.parent <= 1,
    ...ownerOf(around, row, cwd),
  };
}

type Owner = Pick<PortClaim, 'is' | 'project' | 'service' | 'leftover' | 'stray' | 'evidence'>;

function ownerOf(around: Around, row: ProcessRow | null, cwd: string | null): Owner {
  const nobody: Owner = {
    is: 'foreign',
    project: null,
    service: null,
    leftover: false,
    stray: false,
    evidence: [],
  };
  if (row === null) return nobody;
  const isRow = (member: Member): boolean => isSameProcess(member.row, row);
  const member = around.members.find(isRow);
  if (member) {
    const { service, evidence } = member;
    return { ...nobody, is: 'ours', service, evidence, leftover: around.isLeftover(member) };
  }
  const left = around.detached.find(isRow);
  if (left) return { ...nobody, is: 'detached', service: left.service, evidence: left.evidence };
  const stray = around.strays.find(isRow);
  if (stray) return { ...nobody, service: stray.service, stray: true, evidence: stray.evidence };
  const { marker, service } = readMarks(row.pid, []);
  if (marker) return { ...nobody, is: 'project', project: around.rootOf(marker.key, cwd), service };
  // Started by hand in another work tree: it has no marker, but its supervisor is still above it.
  const server = ancestors(around.table, row).find((above) => runsProcessCompose(above.pid));
  if (server) return { ...nobody, is: 'project', project: readCwd(server.pid), service };
  return { ...nobody, is: isContainerProxy(row.command) ? 'proxy' : 'foreign', service };
}

const runsProcessCompose = (pid: number): boolean =>
  [readArgv(pid)?.[0], readExe(pid)].some((path) => /(?:^|\/)[^/]*process-compose[^/]*$/.test(path ?? ''));
