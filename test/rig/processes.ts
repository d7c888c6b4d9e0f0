/** Real processes with marker and canary, under a supervisor that spawns as process-compose does; ended by id afterwards. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId, ProcessRow } from '../../src/core/process.ts';
import { isDead } from '../../src/core/process.ts';
import { formatMarker, markerName } from '../../src/core/project.ts';
import { bootId } from '../../src/processes/boot.ts';
import type { Canary } from '../../src/processes/evidence.ts';
import { readEnvironment, readMarks } from '../../src/processes/evidence.ts';
import type { InstanceRecord } from '../../src/processes/ledger.ts';
import { createCanary } from '../../src/processes/ledger.ts';
import { findMembers, recordedMember } from '../../src/processes/members.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow, readTable } from '../../src/processes/table.ts';

/** Waits for a fact: polls until `look` gives something, fails after `boundMs` naming what was awaited. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | false,
  boundMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${boundMs} ms for: ${what}`);
    await sleep(5);
  }
}

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly detached?: boolean;
  /** Descriptors 0–2; null: /dev/null. */
  readonly log?: string | null;
  readonly canaryFile?: string | null;
}

/** One project: its root, its state, the instance that is started in it. */
export interface Site {
  readonly root: string;
  readonly stateDir: string;
  readonly key: string;
  readonly uuid: string;
  readonly canary: { readonly path: string; readonly dev: number; readonly ino: number };
  readonly env: NodeJS.ProcessEnv;
}

/** Names a process by an argument nobody else has, nor with a digit behind it: `sleep 71234.0005`. */
let serial = 0;
export const uniqueSeconds = (): string => `7${process.pid}.${String((serial += 1)).padStart(4, '0')}`;

export class ProcessRig implements AsyncDisposable {
  readonly #tag = randomUUID();
  readonly #children: ChildProcess[] = [];
  readonly #directories: string[] = [];
  readonly #known: ProcessId[] = [];
  readonly #canaries: Canary[] = [];

  directory(): string {
    const path = realpathSync(mkdtempSync('/tmp/uk-'));
    this.#directories.push(path);
    return path;
  }

  site(): Site {
    const root = this.directory();
    const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
    // Where the state of a project without git lies: the canary's path names the project.
    const stateDir = join(this.directory(), 'upkeep', key);
    const uuid = randomUUID();
    const canary = createCanary(stateDir, uuid);
    if (!canary.ok) throw new Error(canary.failure.reason);
    this.#canaries.push({ id: uuid, ...canary.value });
    const env = { [markerName]: formatMarker({ key, uuid }) };
    return { root, stateDir, key, uuid, canary: canary.value, env };
  }

  spawn(argv: readonly [string, ...string[]], options: SpawnOptions = {}): ChildProcess {
    const log = options.log ? openSync(options.log, 'a') : null;
    const canary = options.canaryFile ? openSync(options.canaryFile, 'a') : null;
    const out = log ?? 'ignore';
    const padding = canary === null ? [] : [...Array<'ignore'>(60).fill('ignore'), canary];
    const child = spawn(argv[0], argv.slice(1), {
      cwd: options.cwd ?? '/tmp',
      env: { PATH: process.env['PATH'], UK_RIG: this.#tag, ...options.env },
      detached: options.detached ?? false,
      stdio: ['ignore', out, out, ...padding],
    });
    for (const fd of [log, canary]) if (fd !== null) closeSync(fd);
    this.#children.push(child);
    return child;
  }

  /** A process of `site`: marker, canary, log. */
  spawnIn(site: Site, argv: readonly [string, ...string[]], options: SpawnOptions = {}): ChildProcess {
    return this.spawn(argv, {
      cwd: site.root,
      log: join(site.root, 'log'),
      canaryFile: site.canary.path,
      ...options,
      env: { ...site.env, ...options.env },
    });
  }

  /** Leads a session of its own and gives each line of `services` a group of its own, as process-compose does. */
  async stack(site: Site, services: readonly string[], options: SpawnOptions = {}): Promise<ProcessId> {
    const child = this.spawnIn(site, ['perl', '-e', supervisor, ...services], { detached: true, ...options });
    return this.id(child.pid);
  }

  async id(pid: number | undefined): Promise<ProcessId> {
    const row = await until(`process ${pid}`, () => readRow(pid ?? -1));
    this.#known.push(row);
    return { pid: row.pid, startTime: row.startTime };
  }

  /** The one live process with exactly this command line, once it is there. */
  async process(command: string): Promise<ProcessRow> {
    const row = await until(command, () =>
      readTable().find((each) => each.command === command && !isDead(each)),
    );
    this.#known.push(row);
    return row;
  }

  /** SIGKILL by id, and wait for the end. */
  async kill(id: ProcessId): Promise<void> {
    signalProcess(id, 'SIGKILL');
    await until(`the end of ${id.pid}`, () => !isAlive(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const left = [...this.#known, ...readTable().filter((row) => this.#started(row))].filter(isAlive);
      if (left.length === 0) break;
      for (const id of left) signalProcess(id, 'SIGKILL');
      await sleep(5);
    }
    // Those of another uid, which signalProcess refuses.
    for (const child of this.#children) child.kill('SIGKILL');
    for (const path of this.#directories) rmSync(path, { recursive: true, force: true });
  }

  #started({ pid }: ProcessRow): boolean {
    if (this.#children.some((child) => child.pid === pid)) return true;
    return readEnvironment(pid)?.['UK_RIG'] === this.#tag || readMarks(pid, this.#canaries).canary !== null;
  }
}

/** Not a shell with `set -m`: its `wait` returns, and it ends, when a job is stopped. */
const supervisor = `
  for (my $i = 0; $i < @ARGV; $i++) {
    next if fork;
    setpgrp(0, 0);
    $ENV{PC_PROC_NAME} = "s$i";
    exec "bash", "-c", $ARGV[$i];
  }
  1 while wait != -1;
`;

/** The record that a start would have written; with `members`, what a look while it ran would have added. */
export function recordOf(
  site: Site,
  server: ProcessId | null,
  extra: Partial<InstanceRecord> = {},
): InstanceRecord {
  return {
    schema: 1,
    id: site.uuid,
    key: site.key,
    root: site.root,
    bootId: bootId(),
    owner: 'upkeep',
    server,
    endpoint: `unix:${site.root}/pc.sock`,
    startedAt: new Date().toISOString(),
    argv: ['stack'],
    cwd: site.root,
    files: [],
    canary: site.canary,
    members: [],
    ports: [],
    services: [],
    fingerprint: null,
    ...extra,
  };
}

/** Looks once and records what it found. */
export function recordNow(
  site: Site,
  server: ProcessId,
  extra: Partial<InstanceRecord> = {},
): InstanceRecord {
  const bare = recordOf(site, server, extra);
  const { members } = findMembers({ key: site.key, root: site.root, records: [bare], servers: [server] });
  return { ...bare, members: members.map(recordedMember) };
}
