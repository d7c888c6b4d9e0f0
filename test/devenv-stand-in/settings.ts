/** What a test told the stand-in: `settings.json` beside the link that was called, and DEVENV_STAND_IN_* on top of it. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli, Modules, ReleaseName } from './releases.ts';
import { cliReleases, moduleReleases } from './releases.ts';

export type Failing =
  /** Written files meet a full disk. */
  | 'no-space'
  /** An evaluation that is not cached needs the network. */
  | 'network'
  | 'build'
  | 'secretspec'
  | 'lock'
  /** KILL in the middle of an evaluation. */
  | 'killed'
  /** It never comes back: from its start, or only where it would evaluate. */
  | 'hang'
  | 'hang-evaluating'
  /** Exit 0, nothing said, nothing written. */
  | 'silent'
  /** It knows no verb but `up`, `processes` and `version`. */
  | 'old';

/** As a test writes them. */
export interface StandInSettings {
  readonly release?: ReleaseName;
  /** The age of the modules in devenv.lock; default: as the CLI. */
  readonly modules?: ReleaseName;
  readonly store?: string;
  /** The real one; default: from PATH. */
  readonly processCompose?: string;
  /** How long each evaluation takes that no cache saves, at least. */
  readonly evalMs?: number;
  /** One that no cache saves is not over while this file is there. */
  readonly hold?: string;
  readonly fail?: Failing | null;
  /** A process that the native manager will not have, as it finds when it starts; nothing before that tells. */
  readonly refuses?: string | null;
}

export interface Settings {
  readonly home: string;
  readonly store: string;
  readonly processCompose: string | null;
  readonly evalMs: number;
  readonly hold: string | null;
  readonly fail: Failing | null;
  readonly refuses: string | null;
  readonly release: ReleaseName;
  readonly cli: Cli;
  readonly modules: Modules;
}

/** Takes its variables out of the environment: no service is to see them. */
export function readSettings(): Settings {
  const home = process.env['DEVENV_STAND_IN_HOME'] ?? '/tmp/devenv-stand-in';
  const file = join(home, 'settings.json');
  const written: StandInSettings = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const take = (name: string): string | undefined => {
    const value = process.env[`DEVENV_STAND_IN_${name}`];
    delete process.env[`DEVENV_STAND_IN_${name}`];
    return value;
  };
  take('HOME');
  const release = known(take('RELEASE') ?? written.release ?? '1.11');
  const modules = known(take('MODULES') ?? written.modules ?? release);
  return {
    home,
    store: take('STORE') ?? written.store ?? join(home, 'nix/store'),
    processCompose: take('PROCESS_COMPOSE') ?? written.processCompose ?? null,
    evalMs: Number(take('EVAL_MS') ?? written.evalMs ?? 0),
    hold: take('HOLD') ?? written.hold ?? null,
    fail: (take('FAIL') as Failing | undefined) ?? written.fail ?? null,
    refuses: written.refuses ?? null,
    release,
    cli: cliReleases[release],
    modules: moduleReleases[modules],
  };
}

function known(name: string): ReleaseName {
  if (name in cliReleases) return name as ReleaseName;
  throw new Error(`devenv stand-in: no release ${name}; there are ${Object.keys(cliReleases).join(', ')}`);
}

/** One line of `calls.jsonl`: each call, and each evaluation that no cache saved. */
export type CallRecord =
  | { readonly pid: number; readonly argv: readonly string[] }
  | { readonly pid: number; readonly evaluated: string };

export function record(settings: Settings, entry: CallRecord): void {
  mkdirSync(settings.home, { recursive: true });
  appendFileSync(join(settings.home, 'calls.jsonl'), `${JSON.stringify(entry)}\n`);
}
