/** The stage of the demo with devenv: the example that devenv.nix declares, and the stand-in for devenv first on its PATH. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { delimiter } from 'node:path';
import { findBinary } from '../../src/supervisor/process-compose/binary/find-binary.ts';
import { StandInHome } from '../../test/devenv-stand-in/home.ts';
import type { Ports } from './stage.ts';
import { freePorts, Stage } from './stage.ts';

export class DevenvStage extends Stage {
  readonly #standIn: StandInHome;

  private constructor(standIn: StandInHome, ports: Ports) {
    const PATH = [standIn.bin, process.env['PATH']].join(delimiter);
    super('shop-devenv', ports, { PATH });
    this.#standIn = standIn;
  }

  /** Builds process-compose if need be, as `upkeep start` would. Throws with the next move where something is missing. */
  static override async create(): Promise<DevenvStage> {
    if (spawnSync('nix-instantiate', ['--version']).status !== 0) throw new Error(withoutNix);
    const onProgress = (line: string): void => console.log(line);
    const found = await findBinary({ running: null, env: process.env, onProgress });
    if (!found.ok) throw new Error(`no process-compose: ${JSON.stringify(found.failure)}`);
    const standIn = new StandInHome({ release: '1.11', processCompose: found.value.path });
    return new DevenvStage(standIn, await freePorts());
  }

  /** How often devenv.nix was really evaluated so far, caches apart. */
  get evaluations(): number {
    return this.#standIn.evaluations.length;
  }

  /** What devenv was called with, from the call with this number on. */
  readonly calls = (from = 0): readonly string[] => this.#standIn.calls.slice(from);

  override async end(): Promise<void> {
    const runtime = this.#runtime();
    await super.end();
    this.#standIn.remove();
    if (runtime !== null) rmSync(runtime, { recursive: true, force: true });
  }

  /** Outside of the project: where devenv puts its sockets. */
  #runtime(): string | null {
    const link = this.path('.devenv/run');
    return existsSync(link) ? realpathSync(link) : null;
  }
}

const withoutNix = `there is no nix-instantiate on PATH. The demo plays on a stand-in for devenv, which evaluates devenv.nix with it.
Install it (Debian: apt-get install nix-bin; elsewhere: https://nixos.org/download), then run this again.
\`npm run demo\` plays the same on process-compose alone, without it.`;
