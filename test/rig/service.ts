/** The test's end of its services: who started, and what each is told to do; see service-child.mjs. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProcessId, ProcessRow } from '../../src/core/process.ts';
import { isDead } from '../../src/core/process.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { isAlive, readRow, readTable } from '../../src/processes/table.ts';
import { eventually } from './until.ts';

const child = join(import.meta.dirname, 'service-child.mjs');

interface SpawnOrder {
  readonly name: string;
  readonly flags?: readonly string[];
  /** In a session of its own. */
  readonly session?: boolean;
  /** false: it does not keep the service's stdout and stderr. */
  readonly pipes?: boolean;
  /** With an empty environment. */
  readonly clean?: boolean;
  readonly cwd?: string;
}

/** One start of a service: a process. */
export class ServiceRun implements ProcessId {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, () => void>();
  #orders = 0;
  /** It was sent TERM. */
  termed = false;
  /** It listens, if it was told to, and obeys. */
  started = false;

  constructor(
    socket: Socket,
    birth: { name: string; pid: number; cwd: string; env: Record<string, string> },
  ) {
    this.#socket = socket;
    this.name = birth.name;
    this.pid = birth.pid;
    this.cwd = birth.cwd;
    this.env = birth.env;
    this.startTime = readRow(birth.pid)?.startTime ?? '0';
    void this.#order({ do: 'heard' });
  }

  hear(message: { event: string; id: number }): void {
    if (message.event === 'start') this.started = true;
    if (message.event === 'term') this.termed = true;
    if (message.event === 'done') this.#pending.get(message.id)?.();
  }

  get alive(): boolean {
    return isAlive(this);
  }

  listen = (port: number): Promise<void> => this.#order({ do: 'listen', port });
  /** The status of every HTTP answer from now on. */
  answer = (status: number): Promise<void> => this.#order({ do: 'answer', status });
  /** A line every 100 ms from now on. */
  chatter = (): Promise<void> => this.#order({ do: 'chatter' });
  print = (text: string): Promise<void> => this.#order({ do: 'print', text });
  spawn = (order: SpawnOrder): Promise<void> => this.#order({ do: 'spawn', flags: [], ...order });

  async exit(code: number): Promise<void> {
    this.#socket.write(`${JSON.stringify({ do: 'exit', code })}\n`);
    await this.ended();
  }

  /** Whatever it held back it does now: the test is over. */
  letGo(): void {
    this.#socket.write(`${JSON.stringify({ do: 'let-go' })}\n`);
  }

  /** Only this process: proved by its start time. */
  signal(signal: NodeJS.Signals): void {
    signalProcess(this, signal);
  }

  ended = (): Promise<boolean> => eventually(`${this.name} (pid ${this.pid}) ends`, () => !this.alive);
  gotTerm = (): Promise<boolean> => eventually(`${this.name} (pid ${this.pid}) gets TERM`, () => this.termed);

  #order(order: object): Promise<void> {
    const id = (this.#orders += 1);
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ id, ...order })}\n`);
    });
  }
}

export class Services implements AsyncDisposable {
  readonly #directory = mkdtempSync('/tmp/uk-');
  readonly #path = join(this.#directory, 'rig.sock');
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  /** Every process of a service so far, in the order of their births: one whose port is held, or that printed, is among them. */
  readonly runs: ServiceRun[] = [];
  readonly #taken = new Set<ServiceRun>();
  #holds = true;

  static async open(): Promise<Services> {
    const services = new Services();
    await new Promise<void>((resolve) => services.#server.listen(services.#path, resolve));
    return services;
  }

  /** The command line of a service under control. */
  command(name: string, ...flags: readonly (string | number)[]): string {
    return ['exec', process.execPath, child, name, this.#path, ...flags].join(' ');
  }

  of = (name: string): readonly ServiceRun[] => this.runs.filter((run) => run.name === name);

  /** The next start of `name` that no earlier call of this has given out. */
  async next(name: string): Promise<ServiceRun> {
    const isNext = (one: ServiceRun): boolean => one.started && !this.#taken.has(one);
    const run = await eventually(`${name} starts`, () => this.of(name).find(isNext), {
      seen: () => this.runs.map((one) => `${one.name} ${one.pid}`).join('\n'),
    });
    this.#taken.add(run);
    return run;
  }

  /** What lives now, when each that lives has told its birth; one without a port may have been seen before. */
  async living(table: () => readonly ProcessRow[] = readTable): Promise<readonly ServiceRun[]> {
    const isOne = (row: ProcessRow): boolean => !isDead(row) && row.command.includes(this.#path);
    const told = (row: ProcessRow): boolean => this.runs.some(({ pid }) => pid === row.pid);
    await eventually('every service has told its birth', () => table().filter(isOne).every(told));
    return this.alive;
  }

  /** What still lives of all that ever told its birth. */
  get alive(): readonly ServiceRun[] {
    return this.runs.filter((run) => run.alive);
  }

  /** Nobody holds back anything from now on, neither who lives nor who is born later. */
  letGo(): void {
    this.#holds = false;
    for (const run of this.alive) run.letGo();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.alive) run.signal('SIGKILL');
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    let run: ServiceRun | null = null;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined); // it was killed in the middle of a word
    const lines = createInterface({ input: socket });
    lines.on('error', () => undefined); // readline passes it on
    lines.on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event !== 'born') return run?.hear(message);
      this.runs.push((run = new ServiceRun(socket, message)));
      if (!this.#holds) run.letGo();
    });
  }
}
