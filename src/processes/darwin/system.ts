/** macOS, best effort: the process table through ps, directories and sockets through lsof. Only loaded on macOS. */
import type { OtherSystem } from '../other-system.ts';
import { useSystem } from '../other-system.ts';
import { ask, oncePerLook } from './ask.ts';
import type { OpenFile } from './lsof.ts';
import { parseLsof, placesOf, tcpListenersOf, unixListenersOf } from './lsof.ts';
import { columns, parseTable } from './ps.ts';
import { parseVariables } from './variables.ts';

/** By absolute path: a nix shell has its own `ps` with other options, and often no /usr/sbin on PATH. */
const programs = { ps: '/bin/ps', lsof: '/usr/sbin/lsof', sysctl: '/usr/sbin/sysctl' };

/** To be called before the first look at a process. */
export const useDarwin = (): void => useSystem(darwinSystem(programs));

/** One run of a program for each kind of question in a look, however many processes there are. */
export function darwinSystem({ ps, lsof, sysctl }: typeof programs): OtherSystem {
  const readTable = () => {
    const rows = parseTable(ask([ps, '-axww', '-o', columns]));
    // A table without ourselves cannot be right, and would mean that every stack has ended.
    if (rows.every(({ pid }) => pid !== process.pid)) throw new Error(`${ps} lists no processes`);
    return rows;
  };
  const table = oncePerLook(() => new Map(readTable().map((row) => [row.pid, row])));
  const environments = oncePerLook(() => parseTable(ask([ps, '-axwwE', '-o', columns])));
  const files = (...which: string[]): OpenFile[] => parseLsof(ask([lsof, '-nP', ...which]));
  const places = oncePerLook(() =>
    placesOf(files('-a', '-u', String(process.getuid?.()), '-d', 'cwd,txt', '-Fpfn')),
  );
  const tcp = oncePerLook(() => files('-iTCP', '-sTCP:LISTEN', '-Fpufdn'));
  const unix = oncePerLook(() => files('-U', '-Fpufdn'));
  return {
    readTable,
    readRow: (pid) => table().get(pid) ?? null,
    readAlone: (pid) => {
      const rows = parseTable(ask([ps, '-ww', '-o', columns, '-p', String(pid)]));
      return rows.find((row) => row.pid === pid) ?? null;
    },
    readVariables: (pid) => {
      const row = table().get(pid);
      const full = environments().find((one) => one.pid === pid && one.startTime === row?.startTime);
      return row && full ? parseVariables(full.command, row.command) : null;
    },
    readCwd: (pid) => places().get(pid)?.cwd ?? null,
    readExe: (pid) => places().get(pid)?.exe ?? null,
    tcpListeners: () => onePerSocket(tcpListenersOf(tcp())),
    unixListeners: () => onePerSocket(unixListenersOf(unix())),
    socketsOf: (pid) =>
      new Set([...tcp(), ...unix()].filter((file) => file.pid === pid).map(({ device }) => device)),
    bootId: () => readBootId(sysctl),
  };
}

/** Never empty: then the records of every boot would count as this one's. */
function readBootId(sysctl: string): string {
  const id = ask([sysctl, '-n', 'kern.bootsessionuuid']).trim();
  if (id === '') throw new Error(`${sysctl} does not know kern.bootsessionuuid`);
  return id;
}

/** lsof has a line for each process that holds it. */
const onePerSocket = <Socket extends object>(sockets: readonly Socket[]): Socket[] => [
  ...new Map(sockets.map((socket) => [JSON.stringify(socket), socket])).values(),
];
