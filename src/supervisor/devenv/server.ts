/** Which process-compose runs this project's processes, and what belongs to it; by process, never by a pid file alone. */
import { dirname } from 'node:path';
import type { Endpoint } from '../../core/endpoint.ts';
import type { Environment } from '../../core/environment.ts';
import type { ProcessId, ProcessRow } from '../../core/process.ts';
import { isDead } from '../../core/process.ts';
import { readArgv, readCwd } from '../../processes/evidence.ts';
import type { InstanceRecord } from '../../processes/ledger.ts';
import { endpointsOf } from '../../processes/listeners.ts';
import { readRow } from '../../processes/table.ts';
import { commandLine, runsIn } from '../process-compose/discover.ts';
import { readServerArguments } from '../process-compose/server-arguments.ts';
import { dotfileOf, dotfilesOf, readText, runtimeDirectories } from '../devenv-evaluation/places.ts';

/**
 * In the root, on a YAML that devenv generated for it. After a later evaluation the links name another YAML than the one that
 * runs, so it is told by any of: the YAML that is known, the socket in a directory of the project, the project's own state
 * directory in its text.
 */
export function isDevenvServer(
  row: ProcessRow,
  ask: { root: string; env: Environment; known: () => readonly string[] },
): boolean {
  if (!runsIn(row, ask.root)) return false;
  const { files } = readServerArguments(commandLine(row.pid), ask.root);
  const [file] = files;
  if (file === undefined) return false;
  if (ask.known().includes(file)) return true;
  // A file of the tree that somebody wrote by hand is another project's way of running here.
  if (file.startsWith(`${ask.root}/`) && !file.startsWith(`${dotfileOf(ask.root)}/`)) return false;
  return listensHere(row, ask) || (readText(file) ?? '').includes(`${dotfileOf(ask.root)}/`);
}

function listensHere(row: ProcessRow, { root, env }: { root: string; env: Environment }): boolean {
  const directories = runtimeDirectories(root, env);
  return endpointsOf(row.pid).some(
    (endpoint) => endpoint.kind === 'unix' && directories.includes(dirname(endpoint.path)),
  );
}

/** Where a server of this project would listen. */
export const socketCandidates = (root: string, env: Environment): readonly Endpoint[] =>
  runtimeDirectories(root, env).map((directory) => ({ kind: 'unix', path: `${directory}/pc.sock` }));

/** YAML files that a server of ours was started with. */
export const recordedFiles = (records: readonly InstanceRecord[]): readonly string[] =>
  records.flatMap(({ files }) => files);

/** bash scripts that devenv wrote, above the server: they wait for it, and run `process.manager.after`. Nearest first. */
export function wrappersOf(server: ProcessId, root: string): readonly ProcessId[] {
  const found: ProcessId[] = [];
  let child = readRow(server.pid);
  while (child && child.startTime === (found.at(-1) ?? server).startTime) {
    const parent = readRow(child.parent);
    if (!parent || isDead(parent) || parent.pid <= 1 || !isWrapper(parent, child, root)) break;
    found.push({ pid: parent.pid, startTime: parent.startTime });
    child = parent;
  }
  return found;
}

/** Whether the script of this wrapper says something between the end of the server and its own: `process.manager.after`. */
export function runsAfter(wrapper: number): boolean {
  const script = (readArgv(wrapper) ?? []).find((word) => word.endsWith('-devenv-up'));
  return script !== undefined && hasAfter(readText(script) ?? '');
}

/** The same lines in every release from 1.0 to 2.2 (src/modules/processes.nix). */
export function hasAfter(script: string): boolean {
  const own = /^\s*wait \$backgroundPID$([^]*?)^\s*echo "Processes stopped\."$/m.exec(script)?.[1] ?? '';
  return own.split('\n').some((line) => /^\s*[^\s#]/.test(line));
}

function isWrapper(parent: ProcessRow, child: ProcessRow, root: string): boolean {
  if (parent.uid !== child.uid || Number(parent.startTime) > Number(child.startTime)) return false;
  if (readCwd(parent.pid) !== root) return false;
  const script = (readArgv(parent.pid) ?? []).slice(0, 3);
  const launchers = dotfilesOf(root).map((dotfile) => `${dotfile}/processes`);
  return script.some(
    (word) => word.endsWith('-devenv-up') || launchers.includes(word) || word === '.devenv/processes',
  );
}
