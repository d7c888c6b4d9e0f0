/** `upkeep watch --json` of a test: what it told, what it restarted, and the proof that its end leaves the services. */
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Cause, RestartOutcome, UpkeepEvent } from '../../src/core/event.ts';
import { readRow } from '../../src/processes/table.ts';
import type { Running } from './command.ts';
import type { TestProject } from './project.ts';
import { eventually } from './until.ts';

export type Told = UpkeepEvent & { readonly t: string };
export type Of<Name extends UpkeepEvent['event']> = Extract<Told, { event: Name }>;

/** One restart that took the stack down; what was only validated, or given up before, is none. */
export interface SeenRestart {
  readonly id: string;
  readonly cause: Cause;
  /** null: it has not ended yet. */
  readonly outcome: RestartOutcome | null;
}

export interface WatchOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

let serial = 0;

/** At rest: nothing under way, nothing that is about to be looked at. */
const atRest = new Set(['idle', 'config-bad', 'backoff', 'suspended', 'paused']);

export class Watching implements AsyncDisposable {
  readonly #project: TestProject;
  readonly #running: Running;
  #ended = false;

  private constructor(project: TestProject, options: WatchOptions) {
    this.#project = project;
    const args = ['watch', '--json', ...(options.args ?? [])];
    // Not a pipe: what it told before it wrote its state down must be there for whoever reads the state.
    const stdoutFile = join(project.home, `watch.${(serial += 1)}.jsonl`);
    const env = options.env ? { env: options.env } : {};
    this.#running = project.begin(args, { timeoutMs: 120_000, stdoutFile, ...env });
  }

  /** Watches, has seen the stack if there is one, and is at rest. */
  static async begin(project: TestProject, options: WatchOptions = {}): Promise<Watching> {
    const watching = new Watching(project, options);
    await watching.next('watch.ready');
    await watching.next('stack', { is: project.servers.length > 0 ? 'up' : 'down' });
    await watching.rests();
    return watching;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get finished(): Running['finished'] {
    return this.#running.finished;
  }

  /** Everything told so far. */
  get events(): readonly Told[] {
    const text = this.#running.stdout();
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Told);
  }

  /** For people: what it wrote to stderr. */
  get notes(): string {
    return this.#running.stderr();
  }

  /** A place in what was told; the methods that take one look at what follows it. */
  mark(): number {
    return this.events.length;
  }

  since(mark: number): readonly Told[] {
    return this.events.slice(mark);
  }

  /** All of one kind. */
  told<Name extends UpkeepEvent['event']>(name: Name, mark = 0): readonly Of<Name>[] {
    return this.since(mark).filter((event): event is Of<Name> => event.event === name);
  }

  /** The first event behind `mark` that is so, once it is there. */
  async until(what: string, predicate: (event: Told) => boolean, mark = 0, boundMs = 30_000): Promise<Told> {
    const look = (): Told | undefined => this.since(mark).find(predicate);
    return eventually(`watch tells ${what}`, look, { boundMs, seen: () => this.#story(mark) });
  }

  async next<Name extends UpkeepEvent['event']>(
    name: Name,
    fields: Partial<Of<Name>> = {},
    mark = 0,
    boundMs?: number,
  ): Promise<Of<Name>> {
    const wanted = Object.entries(fields);
    const matches = (event: Told): boolean =>
      event.event === name && wanted.every(([key, value]) => event[key as keyof Told] === value);
    return (await this.until(`${name} ${JSON.stringify(fields)}`, matches, mark, boundMs)) as Of<Name>;
  }

  /** Nothing is under way: what it wrote down for `status` says so. */
  async rests(): Promise<string> {
    const look = (): string | null => (atRest.has(this.state()) ? this.state() : null);
    return eventually('the watcher is at rest', look, { seen: () => this.#story(0) });
  }

  state(): string {
    const record = recorded(this.#project);
    if (record === null) return 'not written yet';
    return record.pid === this.pid ? record.state : 'of another watcher';
  }

  restartsSince(mark: number): readonly SeenRestart[] {
    const down = this.told('restart.phase', mark).filter(({ name }) => name === 'down');
    const began = this.told('restart.begin');
    const ended = this.told('restart.end');
    return down.map(({ restart: id }) => ({
      id,
      cause: began.find(({ restart }) => restart === id)?.cause ?? { trigger: 'change', paths: [], count: 0 },
      outcome: ended.find(({ restart }) => restart === id)?.outcome ?? null,
    }));
  }

  /** Several saves as one: it is stopped meanwhile, and sees all of them together, however long this machine takes. */
  async atOnce<T>(act: () => T): Promise<Awaited<T>> {
    this.#running.signal('SIGSTOP');
    try {
      await eventually('the watcher is stopped', () => readRow(this.pid)?.state === 'T');
      return await act();
    } finally {
      this.#running.signal('SIGCONT');
    }
  }

  /** What `ask` gives while it rests: asked again where it told something meanwhile. */
  async whileItRests<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.rests();
      const mark = this.mark();
      const answer = await ask();
      if (this.mark() === mark && atRest.has(this.state())) return answer;
    }
  }

  /** Does it, and waits until a restart is ready after it and the watcher at rest; the restarts that it took. */
  async restarts(act: () => unknown): Promise<readonly SeenRestart[]> {
    const mark = this.mark();
    await act();
    await this.next('restart.end', { outcome: 'ok' }, mark);
    await this.rests();
    return this.restartsSince(mark);
  }

  /** The same for several saves that it sees as one. */
  restartsAtOnce(act: () => unknown): Promise<readonly SeenRestart[]> {
    return this.restarts(() => this.atOnce(act));
  }

  /**
   * Everything that happened before this has been looked at, and what runs is what is on disk: a file that was touched since
   * is told to be the same.
   */
  async barrier(path: string): Promise<void> {
    for (let round = 0; round < 10; round += 1) {
      const mark = this.mark();
      utimesSync(join(this.#project.root, path), new Date(), new Date());
      // What was still waiting to be looked at takes the touch along, into a restart or among its paths: then touch again.
      const told = await this.until(
        `that ${path} has the same content`,
        (one) => one.event === 'no-change' || (one.event === 'restart.end' && one.outcome !== 'abandoned'),
        mark,
      );
      await this.rests();
      if (told.event === 'no-change' && told.paths.includes(path)) return;
    }
    throw new Error(`it restarts and restarts\n${this.#story(0)}`);
  }

  /** No restart since `mark`, not even one that is on its way. */
  async restartsAfterBarrier(mark: number, path: string): Promise<readonly SeenRestart[]> {
    await this.barrier(path);
    return this.restartsSince(mark);
  }

  /** TERM: exit 0, and every service that lived lives on; a restart under way comes to its spawn first. */
  async end(): Promise<void> {
    this.#ended = true;
    // One that was asked to end is on its way out, for a restart.
    const services = this.#project.services.alive.filter((run) => !run.termed);
    this.#running.signal('SIGTERM');
    const { code, signal, stderr } = await this.#running.finished;
    if (code !== 0) throw new Error(`watch ended with ${code ?? signal}: ${stderr}`);
    const gone = services.filter((run) => !run.alive && !run.termed);
    if (gone.length > 0) throw new Error(`watch took with it: ${gone.map((run) => run.name).join(', ')}`);
    if (this.told('stop').length !== 1) throw new Error(`its end was not told\n${this.#story(0)}`);
  }

  /** Killed, as a crash would. */
  async kill(): Promise<void> {
    this.#ended = true;
    this.#running.signal('SIGKILL');
    await this.#running.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.end();
  }

  /** What it is at, and everything told, marked from `mark` on. */
  #story(mark: number): string {
    const told = this.events.map((event, at) => `${at < mark ? '  ' : '> '}${JSON.stringify(event)}`);
    return [`state: ${this.state()}`, ...told, this.notes].join('\n');
  }
}

function recorded(project: TestProject): { readonly pid: number; readonly state: string } | null {
  try {
    return JSON.parse(readFileSync(join(project.stateDir, 'watch.json'), 'utf8'));
  } catch {
    return null;
  }
}

/** For one that tells people: what is saved before its first look is over is found by that, and not announced as a change. */
export const whoeverWatchesRests = (project: TestProject): Promise<boolean> =>
  eventually('the watcher is at rest', () => atRest.has(recorded(project)?.state ?? ''));

export const watch = (project: TestProject, options?: WatchOptions): Promise<Watching> =>
  Watching.begin(project, options);
