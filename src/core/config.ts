/** What upkeep.yaml becomes: every field present, durations in milliseconds. */
import type { Role } from './service.ts';

export interface ServiceSettings {
  readonly role?: Role;
  /** git pathspecs relative to the root; absent: the project's `sources`. */
  readonly sources?: readonly string[];
  readonly ports?: readonly number[];
}

export interface Config {
  readonly backend: 'auto' | 'devenv' | 'process-compose';
  /** `unix:/abs` or `http://host:port`; null: found by looking. */
  readonly endpoint: string | null;
  /** Checked, and not acted on yet: a restart is always the whole stack. */
  readonly scope: 'full' | 'smallest';
  readonly config: readonly string[];
  readonly sources: readonly string[];
  readonly ignore: readonly string[];
  readonly services: Readonly<Record<string, ServiceSettings>>;
  readonly watch: {
    readonly quietMs: number;
    readonly capMs: number;
    readonly engine: 'auto' | 'native' | 'chokidar' | 'poll';
    readonly pollMs: number;
  };
  readonly stop: { readonly graceMs: number };
  readonly ready: { readonly timeoutMs: number; readonly capMs: number };
  /** How long one evaluation may take, and which profiles it uses; empty: those that the environment of the start names. */
  readonly devenv: { readonly timeoutMs: number; readonly profiles: readonly string[] };
  /** Checked, and not acted on yet: there are no git hooks. */
  readonly hooks: { readonly checkout: 'refresh' | 'ring' | 'off'; readonly push: 'warn' | 'block' | 'off' };
}

/** Paths whose change never restarts anything unless upkeep.yaml says otherwise; gitignore-like patterns. */
export const defaultIgnore: readonly string[] = [
  '*_test.*',
  '*.test.*',
  '*.spec.*',
  'test/',
  'tests/',
  '__tests__/',
  'testdata/',
  '*.md',
  'docs/',
  'LICENSE*',
  '.github/',
  '.vscode/',
  '.idea/',
  '.claude/',
  '.devenv*',
  '.direnv',
  '/result',
  '/result-*',
  '*.timestamp-*.mjs',
];

export const defaultConfig: Config = {
  backend: 'auto',
  endpoint: null,
  scope: 'full',
  config: [],
  sources: ['.'],
  ignore: defaultIgnore,
  services: {},
  watch: { quietMs: 300, capMs: 8_000, engine: 'auto', pollMs: 2_000 },
  stop: { graceMs: 10_000 },
  ready: { timeoutMs: 60_000, capMs: 600_000 },
  devenv: { timeoutMs: 300_000, profiles: [] },
  hooks: { checkout: 'refresh', push: 'warn' },
};
