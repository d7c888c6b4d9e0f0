/** Decides whether a process that left its session still works for the stack: by stdio, by port, by program. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isWithin, programName } from '../core/paths.ts';
import { readDescriptor, readDescriptors } from './descriptors.ts';
import { readArgv, readCwd, readExe } from './evidence.ts';
import { listeningPorts } from './listeners.ts';
import { otherSystem } from './other-system.ts';

/** What a process may be tied to. */
export interface TiesTo {
  /** Proved so far, servers among them. */
  readonly pids: readonly number[];
  readonly ports: readonly number[];
  readonly root: string;
}

/** True when one tie is found; the cheap ones are tried first. */
export function isTied(pid: number, stack: TiesTo): boolean {
  return runsFileWithin(stack.root, pid) || holdsPort(pid, stack.ports) || sharesStdio(pid, stack.pids);
}

/** Its program, or the script that its interpreter runs, lies in the tree. */
function runsFileWithin(root: string, pid: number): boolean {
  const exe = readExe(pid);
  if (exe === null) return false;
  if (isWithin(root, exe)) return true;
  if (!interpreters.test(programName(exe))) return false;
  // ps(1) does not separate arguments: a word of `sh -c` could be taken for the script.
  if (otherSystem) return false;
  // Later arguments are data (`tail -f ROOT/log`, a daemon's `--project ROOT/x`): only the script itself counts.
  const script = readArgv(pid)
    ?.slice(1)
    .find((argument) => !argument.startsWith('-'));
  const cwd = readCwd(pid);
  return script !== undefined && cwd !== null && isWithin(root, realFile(resolve(cwd, script)));
}

/** Narrower than core/interpreters.ts on purpose: there a wrong guess costs a restart, here it would cost a process. */
const interpreters =
  /^(node|nodejs|deno|bun|python|pypy|ruby|perl|php|bash|dash|sh|zsh|ksh|busybox|lua|tclsh|guile|escript|beam|java)[\d.a-z-]*$/;

function realFile(path: string): string | null {
  try {
    return statSync(path).isFile() ? realpathSync(path) : null;
  } catch {
    return null;
  }
}

function holdsPort(pid: number, ports: readonly number[]): boolean {
  if (ports.length === 0) return false;
  const listening = listeningPorts([pid]);
  return ports.some((port) => listening.has(port));
}

/** One of its standard streams is a pipe or socket that the stack holds too, or the log that a service writes. */
function sharesStdio(pid: number, pids: readonly number[]): boolean {
  const own = [0, 1, 2].map((fd) => ({ fd, link: readDescriptor(pid, fd) }));
  const streams = new Set(own.filter(({ link }) => isStream(link)).map(({ link }) => link));
  // A file on stdin is read, not shared; /dev/null and terminals tie nobody.
  const logs = new Set(own.filter(({ fd, link }) => fd > 0 && isLog(link)).map(({ link }) => link));
  if (streams.size === 0 && logs.size === 0) return false;
  return pids.some((other) =>
    readDescriptors(other).some(
      ({ fd, link }) => streams.has(link) || ((fd === 1 || fd === 2) && logs.has(link)),
    ),
  );
}

const isStream = (link: string | null): boolean => /^(pipe|socket):\[/.test(link ?? '');
const isLog = (link: string | null): boolean =>
  link !== null && link.startsWith('/') && !link.startsWith('/dev/');
