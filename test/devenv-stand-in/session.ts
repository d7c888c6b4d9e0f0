/** One call of devenv: its project, its store, and evaluations through the cache, with what a test wants to go wrong. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble, coreInputs } from './assemble.ts';
import { EvalCache } from './cache.ts';
import type { Allocated, Evaluation } from './evaluate.ts';
import { NixError, evaluate } from './evaluate.ts';
import { sayNixError } from './nix-error.ts';
import type { Packages } from './packages.ts';
import { makePackages } from './packages.ts';
import type { Project } from './project.ts';
import { Bail, saySpan } from './say.ts';
import type { Settings } from './settings.ts';
import { record } from './settings.ts';
import { Store } from './store.ts';

export interface Flags {
  readonly refresh: boolean;
  readonly cache: boolean;
}

/** What is evaluated: each has a row of its own in the cache. */
export type Attribute = 'shell' | 'procfileScript' | 'task.config' | 'processes' | `eval ${string}`;

export class Session {
  readonly settings: Settings;
  readonly project: Project;
  readonly flags: Flags;
  readonly store: Store;
  readonly packages: Packages;
  readonly #cache: EvalCache;
  /** By what was given out. 2.x evaluates once a call, and takes every attribute from that. */
  readonly #shared = new Map<string, Evaluation>();

  constructor(settings: Settings, project: Project, flags: Flags) {
    this.settings = settings;
    this.project = project;
    this.flags = flags;
    this.store = new Store(settings);
    this.packages = makePackages(this.store, settings);
    this.#cache = new EvalCache(project.dotfile, settings.cli);
    if (!existsSync(join(project.root, 'devenv.nix'))) throw new Bail('File devenv.nix does not exist.');
    this.#refuse();
    assemble(project, settings);
  }

  /**
   * Says `span in …`; a null span says nothing of a success. Throws after the error has been said. `allocated` null: ports are
   * not given out, as everywhere but in `up`. 2.x keeps the two apart in its cache (v2.2.2:devenv-nix-backend/src/backend.rs,
   * `cache_key_for`), with or without any port: nothing but an `up` warms what `up` asks for.
   */
  async evaluate(
    attribute: Attribute,
    span: string | null,
    allocated: Allocated | null = null,
  ): Promise<Evaluation> {
    const startedAt = performance.now();
    try {
      const found = await this.#evaluate(attribute, allocated);
      if (attribute === 'shell' && found.config.failedAssertions.length > 0)
        throw new NixError(
          [
            'error: Failed assertions:',
            ...found.config.failedAssertions.map((text) => `       - ${text}`),
          ].join('\n'),
        );
      if (span !== null) saySpan(span, startedAt);
      return found;
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      sayNixError(error.message, this.settings.cli);
      saySpan(span ?? 'Building processes', startedAt, true);
      throw new Bail(failedCommand(attribute, this.project.dotfile, this.settings));
    }
  }

  async #evaluate(attribute: Attribute, allocated: Allocated | null): Promise<Evaluation> {
    const { cli, fail, evalMs, hold, modules } = this.settings;
    const given = JSON.stringify(cli.native ? allocated : (allocated ?? {}));
    const key = JSON.stringify([attribute, cli.version, modules.version, given]);
    const usesCache = cli.evalCache && this.flags.cache;
    const stored = usesCache && !this.flags.refresh ? this.#cache.find(key) : null;
    if (stored) return stored;
    const startedAt = Date.now();
    record(this.settings, { pid: process.pid, evaluated: attribute });
    if (fail === 'hang-evaluating') await forEver();
    if (fail === 'killed') process.kill(process.pid, 'SIGKILL');
    if (fail === 'network')
      throw new NixError(
        "error: unable to download 'https://cache.invalid/nar/x.nar': Could not resolve hostname (6)",
      );
    if (fail === 'build')
      throw new NixError(
        `error: builder for '${this.store.path}/x-devenv-shell.drv' failed with exit code 1`,
      );
    const shared = cli.native ? this.#shared.get(given) : undefined;
    const evaluation = shared ?? evaluate(this, allocated ?? {});
    if (evalMs > 0 && !shared) await sleep(evalMs);
    if (hold !== null) while (existsSync(hold)) await sleep(10);
    this.#shared.set(given, evaluation);
    if (fail === 'no-space') throw new NixError('error: writing to file: No space left on device');
    if (usesCache) this.#cache.store(key, evaluation, this.inputs(evaluation), startedAt);
    return evaluation;
  }

  /** Everything that the evaluation depends on, as `input-paths.txt` lists it. */
  inputs(evaluation: Evaluation): readonly string[] {
    return [...new Set([...coreInputs(this.project, this.settings), ...evaluation.paths])];
  }

  #refuse(): void {
    const { fail } = this.settings;
    if (fail === 'secretspec')
      throw new Bail('Failed to resolve secrets', ['secretspec: required secret DATABASE_URL is missing']);
    if (fail === 'lock')
      throw new Bail('Failed to validate devenv.lock', [
        "input 'nixpkgs' is not locked, and the network cannot be reached",
      ]);
  }
}

export const forEver = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => undefined, 60_000);
  });

/** The box under an error repeats the command line of nix and nothing else. */
function failedCommand(attribute: Attribute, dotfile: string, { cli }: Settings): string {
  if (!cli.flakeFiles)
    return `Failed to evaluate ${attribute === 'shell' ? 'the development shell' : attribute}`;
  const what =
    attribute === 'shell'
      ? `print-dev-env --profile ${dotfile}/gc/shell`
      : attribute === 'processes'
        ? 'eval .#devenv.processes --json'
        : `build .#${attribute}`;
  const nix = '/nix/store/0vwws3vz1cs0vl1nv3w5nk3y4xhs8s2x-devenv-nix-2.30.4/bin/nix';
  return `Command \`${nix} --show-trace --extra-experimental-features nix-command --extra-experimental-features flakes --option warn-dirty false --keep-going --max-jobs 2 --option eval-cache false ${what}\` failed with exit code 1`;
}
