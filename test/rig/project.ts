/** A project of a test in a temporary directory, the built CLI to act on it, and the proof that nothing of it is left. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { inject } from 'vitest';
import type { ProcessRow } from '../../src/core/process.ts';
import { isDead } from '../../src/core/process.ts';
import { projectKey, socketDirectory } from '../../src/cli/find-project.ts';
import type { StatusReport } from '../../src/core/status.ts';
import { readEnvironment } from '../../src/processes/evidence.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { descendsFrom, readTable } from '../../src/processes/table.ts';
import type { Finished, RunOptions, Running } from './command.ts';
import { command } from './command.ts';
import { Services } from './service.ts';
import { eventually } from './until.ts';

export interface ProjectOptions {
  /** Text of process-compose.yaml; `declare` writes it later. */
  readonly yaml?: string;
  /** Default true: a git repository with one empty commit. */
  readonly git?: boolean;
  /** Default false: the work tree is one that `git worktree add` linked to a repository beside it. */
  readonly linked?: boolean;
  /** More files, by their path in the project. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where in the temporary directory the project lies, for one of several in a work tree. */
  readonly at?: string;
  /** Directories that come first on PATH. */
  readonly path?: readonly string[];
}

/** A service as process-compose knows it, and the ports that upkeep.yaml declares for it. */
export type Declared = Readonly<Record<string, unknown>> & {
  readonly command: string;
  readonly ports?: readonly number[];
};

const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];

let serial = 0;

export class TestProject implements AsyncDisposable {
  readonly root: string;
  /** A home without anything in it. */
  readonly home: string;
  readonly services: Services;
  readonly env: Readonly<Record<string, string>>;
  readonly #top: string;
  readonly #work: string;
  readonly #git: boolean;
  /** The per-work-tree one. */
  readonly #gitDir: string;
  readonly #tag = `${basename(inject('scratch'))}.${process.pid}.${(serial += 1)}`;

  private constructor(services: Services, options: ProjectOptions) {
    this.services = services;
    this.#top = realpathSync(mkdtempSync(`${inject('scratch')}/`));
    this.home = join(this.#top, 'home');
    this.#work = join(this.#top, 'p');
    this.#git = options.git !== false;
    this.#gitDir = options.linked ? join(this.#top, 'main/.git/worktrees/p') : join(this.#work, '.git');
    this.root = join(this.#work, options.at ?? '');
    mkdirSync(this.home);
    // From nothing: no CI, no GIT_*, no npm_*; a restart must find what it needs in the record.
    this.env = {
      PATH: [
        ...(options.path ?? []),
        dirname(process.execPath),
        inject('binaries'),
        '/usr/local/bin:/usr/bin:/bin',
      ].join(':'),
      HOME: this.home,
      UK_TEST: this.#tag,
    };
    if (this.#git) this.#begin(options.linked ?? false);
    mkdirSync(this.root, { recursive: true });
    for (const [path, text] of Object.entries(options.files ?? {})) this.write(path, text);
    if (options.yaml !== undefined) this.write('process-compose.yaml', options.yaml);
  }

  static async create(options: ProjectOptions = {}): Promise<TestProject> {
    return new TestProject(await Services.open(), options);
  }

  write(path: string, text: string): string {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  }

  /** Writes process-compose.yaml and upkeep.yaml. JSON is YAML. A service with declared ports is ready once it holds them. */
  declare(
    services: Readonly<Record<string, Declared>>,
    more: { stack?: object; upkeep?: object } = {},
  ): void {
    const processes: Record<string, object> = {};
    const settings: Record<string, object> = {};
    for (const [name, { ports, ...declared }] of Object.entries(services)) {
      processes[name] = declared;
      if (ports) settings[name] = { ports };
    }
    this.write('process-compose.yaml', JSON.stringify({ ...more.stack, processes }, null, 2));
    this.write('upkeep.yaml', JSON.stringify({ services: settings, ...more.upkeep }, null, 2));
  }

  /** Declares services under the test's control: `{ web: 18080 }`, with flags of service-child.mjs by name. */
  declareServices(
    ports: Readonly<Record<string, number>>,
    flags: Readonly<Record<string, string>> = {},
  ): void {
    const one = (name: string, port: number): Declared => ({
      command: this.services.command(name, '--listen', port, ...(flags[name] ? [flags[name]] : [])),
      ports: [port],
    });
    this.declare(Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, one(name, port)])));
  }

  /** The built CLI, from the root of the project unless `cwd` says otherwise, to its end and the end of its pipes. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.begin(args, options).finished;
  }

  begin(args: readonly string[], options: RunOptions = {}): Running {
    return command([process.execPath, builtCli(), ...args], {
      cwd: this.root,
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** The built CLI's file. */
  get cli(): string {
    return builtCli();
  }

  /** Another program with this project's environment. */
  program(argv: readonly [string, ...string[]], options: RunOptions = {}): Running {
    return command(argv, { cwd: this.root, ...options, env: { ...this.env, ...options.env } });
  }

  async status(options: RunOptions = {}): Promise<StatusReport> {
    return (await this.run(['status', '--json'], options)).json() as StatusReport;
  }

  /** Where upkeep keeps what it knows of this project. */
  get stateDir(): string {
    const base = this.#git ? this.#gitDir : join(this.home, '.local/state');
    return join(base, 'upkeep', this.key);
  }

  get key(): string {
    return projectKey(this.root);
  }

  get socket(): string {
    return join(socketDirectory(this.key), 'pc.sock');
  }

  /** Every live process that descends from a command of this test. */
  get living(): readonly ProcessRow[] {
    return readTable().filter((row) => !isDead(row) && readEnvironment(row.pid)?.['UK_TEST'] === this.#tag);
  }

  get servers(): readonly ProcessRow[] {
    const rows = this.living.filter((row) =>
      /process-compose .* up\b| daemon-processes \//.test(row.command),
    );
    // Between fork and exec a child still has the command line of its parent.
    const isFork = (row: ProcessRow): boolean =>
      rows.some(({ pid, command: line }) => pid === row.parent && line === row.command);
    return rows.filter((row) => !isFork(row));
  }

  /**
   * The servers and everything below them, by pid: not whoever acts on the stack, nor the programs that it asks meanwhile,
   * such as git.
   */
  get stack(): readonly number[] {
    const { servers } = this;
    const members = this.living.filter((row) => servers.some((server) => descendsFrom(row, server)));
    return members.map(({ pid }) => pid).toSorted((a, b) => a - b);
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', [...identity, ...args], {
      cwd: this.root,
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  #begin(linked: boolean): void {
    const repository = linked ? join(this.#top, 'main') : this.#work;
    const git = (...args: readonly string[]): void =>
      void execFileSync('git', [...identity, ...args], { cwd: this.#top, env: this.env });
    git('init', '-q', '-b', 'main', repository);
    git('-C', repository, 'commit', '-q', '--allow-empty', '-m', 'first');
    if (linked) git('-C', repository, 'worktree', 'add', '-q', '-b', 'linked', this.#work);
  }

  /** Stops it and fails if anything of it lives on; whatever happened, nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.services.letGo();
    const stopped = await this.run(['stop']).catch((error: unknown) => ({ code: null, all: String(error) }));
    const left = await this.#left();
    for (const row of left) signalProcess(row, 'SIGKILL');
    await this.services[Symbol.asyncDispose]();
    rmSync(dirname(this.socket), { recursive: true, force: true });
    rmSync(this.#top, { recursive: true, force: true });
    if (left.length === 0) return;
    const names = left.map((row) => `${row.pid} ${row.command}`).join('\n');
    throw new Error(
      `left after the test, in ${relative('/', this.root)}:\n${names}\nstop: ${stopped.code} ${stopped.all}`,
    );
  }

  /** A wrapper may need a moment to follow its server. */
  async #left(): Promise<readonly ProcessRow[]> {
    const isOver = (): boolean => this.living.length === 0 && this.services.alive.length === 0;
    await eventually('the end of everything', isOver).catch(() => null);
    const services = this.services.alive.map(({ pid }) => pid);
    const living = this.living;
    return [...living, ...readTable().filter((row) => services.includes(row.pid) && !living.includes(row))];
  }
}

export function builtCli(): string {
  const cli = inject('cli');
  if ('broken' in cli) throw new Error(`the CLI could not be built: ${cli.broken}`);
  return cli.path;
}

export const temporaryProject = (options?: ProjectOptions): Promise<TestProject> =>
  TestProject.create(options);
