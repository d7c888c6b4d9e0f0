/** One evaluation by the real Nix, with the module evaluator under nix/, and what it looked at. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Packages } from './packages.ts';
import type { Project } from './project.ts';
import { Bail } from './say.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { place } from './place.ts';

export interface Probe {
  readonly exec: string | null;
  readonly http: {
    readonly get: {
      readonly host: string;
      readonly scheme: string;
      readonly path: string;
      readonly port: number;
    } | null;
  };
  readonly initial_delay: number;
  readonly period: number;
  readonly probe_timeout: number;
  readonly success_threshold: number;
  readonly failure_threshold: number;
}

export interface ProcessConfig {
  readonly exec: string;
  readonly 'process-compose': Readonly<Record<string, unknown>>;
  readonly cwd?: string | null;
  readonly start?: { readonly enable: boolean };
  readonly ports?: Readonly<
    Record<string, { readonly allocate: number | null; readonly value: number | null }>
  >;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly ready?: Probe | null;
  readonly restart?: { readonly on: 'never' | 'always' | 'on_failure'; readonly max: number | null };
  readonly after?: readonly string[];
  readonly before?: readonly string[];
}

export interface Config {
  readonly processes: Readonly<Record<string, ProcessConfig>>;
  readonly env: Readonly<Record<string, string>>;
  readonly enterShell: string;
  readonly packages: readonly string[];
  readonly implementation: string;
  readonly before: string;
  readonly after: string;
  readonly args: Readonly<Record<string, unknown>> | null;
  readonly compose: {
    readonly tui: { readonly enable: boolean };
    readonly unixSocket: { readonly enable: boolean; readonly path: string };
    readonly port: number;
    readonly settings: Readonly<Record<string, unknown>>;
  } | null;
  readonly tasks: readonly string[];
  readonly failedAssertions: readonly string[];
}

/** Ports that a look at the machine moved: process → port name → number. */
export type Allocated = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Evaluation {
  readonly config: Config;
  /** Absolute, in the order of the looks, missing ones included. */
  readonly paths: readonly string[];
  readonly variables: readonly string[];
}

/** `error` is Nix's own text, not coloured yet. */
export class NixError extends Error {}

export interface Evaluator {
  readonly settings: Settings;
  readonly project: Project;
  readonly store: Store;
  readonly packages: Packages;
}

export function evaluate(
  { settings, project, store, packages }: Evaluator,
  allocated: Allocated,
): Evaluation {
  const files = moduleFiles(project);
  const input = {
    cli: settings.cli.version,
    modules: settings.modules.version,
    defaultManager:
      settings.cli.native && settings.modules.richProcesses ? ('native' as const) : 'process-compose',
    namesFiles: settings.cli.namesFiles,
    filePrefix: settings.cli.filePrefix,
    packages: packages.byName,
    store: store.path,
    files,
    allocated,
    root: project.root,
    dotfile: project.dotfile,
    runtime: project.runtime,
    state: project.state,
  };
  const expression = join(place, 'nix/eval.nix');
  // -vv tells what is copied into the store, as `${./conf}` does.
  const flags = ['--store', 'dummy://', '--readonly-mode', '--eval', '--strict', '--json', '-vv'];
  const { status, stdout, stderr, error } = spawnSync(
    'nix-instantiate',
    [...flags, expression, '--argstr', 'input', JSON.stringify(input)],
    { encoding: 'utf8', cwd: project.root, maxBuffer: 2 ** 26 },
  );
  if (error) throw new Bail(`nix-instantiate: ${error.message}`);
  const told = readTraces(stderr);
  if (status !== 0) throw new NixError(told.rest);
  for (const order of told.writes) store.write(order.path, order.text, order.executable);
  return {
    config: JSON.parse(stdout),
    paths: [...new Set([...files, ...told.paths])],
    variables: told.variables,
  };
}

const moduleFiles = ({ root, yaml }: Project): readonly string[] => [
  ...yaml.imports.map((path) => join(root, path)),
  join(root, 'devenv.nix'),
  ...[join(root, 'devenv.local.nix')].filter((path) => existsSync(path)),
];

interface WriteOrder {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

function readTraces(stderr: string): {
  paths: string[];
  variables: string[];
  writes: WriteOrder[];
  rest: string;
} {
  const paths: string[] = [];
  const variables: string[] = [];
  const writes: WriteOrder[] = [];
  const rest: string[] = [];
  for (const line of stderr.split('\n')) {
    const [, what, argument = ''] = /^trace: devenv ([\w ]+): (.*)$/.exec(line) ?? [];
    const [, copied] = /^copied source '(.*)' -> /.exec(line) ?? [];
    if (line.startsWith("evaluating file '")) continue;
    if (copied !== undefined) paths.push(copied);
    else if (what === undefined) rest.push(line);
    else if (what === 'write') writes.push(JSON.parse(argument));
    else if (what === 'getEnv') variables.push(argument.slice(1, -1));
    else paths.push(argument.slice(1, -1));
  }
  return { paths, variables, writes, rest: rest.join('\n') };
}
