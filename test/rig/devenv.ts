/** A project with a devenv.nix, and the stand-in for devenv first on its PATH; what it started is proved gone afterwards. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { signalProcess } from '../../src/processes/signal.ts';
import { StandInHome } from '../devenv-stand-in/home.ts';
import type { ReleaseName } from '../devenv-stand-in/releases.ts';
import type { CallRecord, StandInSettings } from '../devenv-stand-in/settings.ts';
import type { Finished, RunOptions, Running } from './command.ts';
import type { NixValue } from './nix-text.ts';
import { nixText } from './nix-text.ts';
import type { ProjectOptions } from './project.ts';
import { program } from './programs.ts';
import { TestProject } from './project.ts';
import { eventually } from './until.ts';

export interface DevenvOptions extends Omit<ProjectOptions, 'yaml' | 'path'> {
  readonly release?: ReleaseName;
  /** The age of the modules in devenv.lock; default: the release's. */
  readonly modules?: ReleaseName;
  /** Written into what `declare` writes; default: nothing, and the release decides. */
  readonly manager?: 'process-compose' | 'native';
  /** Text of devenv.nix; `declare` writes it later. */
  readonly nix?: string;
  readonly settings?: StandInSettings;
  /** What `upkeep stop` leaves: fails the test (default), or is ended without a word, for tests of devenv's own holes. */
  readonly leftovers?: 'fail' | 'end';
}

/** A process as devenv.nix declares it. */
export type DeclaredProcess = Readonly<Record<string, NixValue>> & { readonly exec: string };

export class DevenvProject implements AsyncDisposable {
  readonly project: TestProject;
  readonly root: string;
  /** Where the link to the stand-in lies, its settings, its store and its record. */
  readonly bin: string;
  readonly #home: StandInHome;
  readonly #options: DevenvOptions;

  private constructor(project: TestProject, home: StandInHome, options: DevenvOptions) {
    this.project = project;
    this.root = project.root;
    this.bin = home.bin;
    this.#home = home;
    this.#options = options;
  }

  static async create(options: DevenvOptions = {}): Promise<DevenvProject> {
    program('nix-instantiate');
    const home = new StandInHome(
      {
        release: options.release ?? '1.11',
        ...(options.modules ? { modules: options.modules } : {}),
        processCompose: realpathSync(join(inject('binaries'), 'process-compose')),
        ...options.settings,
      },
      inject('devenv'),
    );
    const files = options.nix === undefined ? options.files : { ...options.files, 'devenv.nix': options.nix };
    const project = await TestProject.create({ ...options, ...(files ? { files } : {}), path: [home.bin] });
    return new DevenvProject(project, home, options);
  }

  /** From now on, for every call of devenv, whoever makes it. */
  configure(settings: StandInSettings): void {
    this.#home.configure(settings);
  }

  /** Writes devenv.nix. `more`: other options, by their path: `{ env: { A: '1' } }`. */
  declare(
    processes: Readonly<Record<string, DeclaredProcess>>,
    more: Readonly<Record<string, NixValue>> = {},
  ): void {
    const { manager } = this.#options;
    const process = manager ? { process: { manager: { implementation: manager } } } : {};
    this.write('devenv.nix', `{ pkgs, lib, config, ... }:\n${nixText({ ...process, ...more, processes })}\n`);
  }

  /** Declares services under the test's control, and their ports in upkeep.yaml: `{ web: 18080 }`. */
  declareServices(
    ports: Readonly<Record<string, number>>,
    flags: Readonly<Record<string, string>> = {},
  ): void {
    const processes = Object.entries(ports).map(([name, port]) => {
      const exec = this.project.services.command(
        name,
        '--listen',
        port,
        ...(flags[name] ? [flags[name]] : []),
      );
      return [name, { exec }] as const;
    });
    this.declare(Object.fromEntries(processes));
    const services = Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [name, { ports: [port] }]),
    );
    this.write('upkeep.yaml', JSON.stringify({ services }));
  }

  write(path: string, text: string): string {
    return this.project.write(path, text);
  }

  /** Writes it as if `seconds` ago: the stand-in's cache compares seconds, as devenv's does. */
  writeAged(path: string, text: string, seconds: number): void {
    const then = Date.now() / 1_000 - seconds;
    utimesSync(this.write(path, text), then, then);
  }

  /** devenv, as somebody in a terminal would call it, to its end. */
  devenv(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.begin(args, options).finished;
  }

  begin(args: readonly string[], options: RunOptions = {}): Running {
    return this.project.program([join(this.bin, 'devenv'), ...args], options);
  }

  at(...path: readonly string[]): string {
    return join(this.root, ...path);
  }

  has(...path: readonly string[]): boolean {
    return existsSync(this.at(...path));
  }

  read(...path: readonly string[]): string {
    return readFileSync(this.at(...path), 'utf8');
  }

  /** realpath of a link under `.devenv`. */
  target(...path: readonly string[]): string {
    return realpathSync(this.at('.devenv', ...path));
  }

  /** Where its sockets are, with the environment of the test. */
  get runtime(): string {
    return this.runtimeOf('.devenv');
  }

  /** The same for another directory of devenv's own: 2.x has one for each set of profiles. */
  runtimeOf(dotfile: string): string {
    const hash = createHash('sha256').update(this.at(dotfile)).digest('hex').slice(0, 7);
    return `/tmp/devenv-${hash}`;
  }

  get records(): readonly CallRecord[] {
    return this.#home.records;
  }

  /** Every call so far, its words. */
  get calls(): readonly string[] {
    return this.#home.calls;
  }

  /** Every evaluation that no cache saved. */
  get evaluations(): readonly string[] {
    return this.#home.evaluations;
  }

  /** Another evaluation has begun: the next edit is one during it. */
  async evaluating(): Promise<void> {
    const before = this.evaluations.length;
    await eventually('an evaluation', () => this.evaluations.length > before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const profiles = this.has('.devenv/profiles') ? readdirSync(this.at('.devenv/profiles')) : [];
    const dotfiles = ['.devenv', ...profiles.map((name) => `.devenv/profiles/${name}`)];
    try {
      if (this.#options.leftovers === 'end') await this.#end();
      await this.project[Symbol.asyncDispose]();
    } finally {
      this.#home.remove();
      for (const dotfile of dotfiles) rmSync(this.runtimeOf(dotfile), { recursive: true, force: true });
    }
  }

  async #end(): Promise<void> {
    this.project.services.letGo();
    await eventually('the end of everything', () => {
      for (const row of this.project.living) signalProcess(row, 'SIGKILL');
      return this.project.living.length === 0;
    });
  }
}

export const devenvProject = (options?: DevenvOptions): Promise<DevenvProject> =>
  DevenvProject.create(options);
