/** Where a project's files lie, for one call of devenv. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Document } from 'yaml';
import { Bail } from './say.ts';
import type { Settings } from './settings.ts';

export interface Project {
  readonly root: string;
  readonly dotfile: string;
  readonly gc: string;
  readonly state: string;
  /** `BASE/devenv-<7 hex>`. */
  readonly runtime: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** The native manager's directory. */
  readonly native: string;
  readonly yaml: DevenvYaml;
}

export interface DevenvYaml {
  readonly imports: readonly string[];
  /** null: everything of the caller goes through. */
  readonly kept: readonly string[] | null;
}

/** Throws what devenv bails with for a devenv.yaml that cannot be read: every verb does that first. */
export async function openProject(settings: Settings, profile: string | null): Promise<Project> {
  const root = settings.cli.walksUp ? upwards(process.cwd()) : process.cwd();
  // Before 2.0 profiles share the directory.
  const own = profile !== null && settings.cli.native !== null;
  const dotfile = join(root, '.devenv', ...(own ? ['profiles', profile] : []));
  const { env } = process;
  const base = env['XDG_RUNTIME_DIR'] || (settings.cli.usesTmpdir && env['TMPDIR']) || '/tmp';
  const hash = createHash('sha256').update(dotfile).digest('hex').slice(0, 7);
  const runtime = join(base, `devenv-${hash}`);
  return {
    root,
    dotfile,
    gc: join(dotfile, 'gc'),
    state: join(dotfile, 'state'),
    runtime,
    pidFile: join(dotfile, 'processes.pid'),
    logFile: join(dotfile, 'processes.log'),
    native: join(runtime, 'processes'),
    yaml: await readYaml(root),
  };
}

function upwards(from: string): string {
  for (let at = realpathSync(from); ; at = dirname(at)) {
    if (existsSync(join(at, 'devenv.nix'))) return at;
    if (at === '/') return from;
  }
}

async function readYaml(root: string): Promise<DevenvYaml> {
  const path = join(root, 'devenv.yaml');
  if (!existsSync(path)) return { imports: [], kept: null };
  const { parseDocument } = await import('yaml');
  const document = parseDocument(readFileSync(path, 'utf8'));
  const content = document.errors.length > 0 ? null : document.toJS();
  if (content !== null && typeof content !== 'object')
    throw parseFailure('invalid type: string, expected struct Config', 1, 1);
  throwOnError(document);
  const clean = content?.clean as { enabled?: boolean; keep?: string[] } | undefined;
  return { imports: content?.imports ?? [], kept: clean?.enabled ? (clean.keep ?? []) : null };
}

function throwOnError({ errors }: Document): void {
  const [first] = errors;
  if (!first) return;
  const { line, col } = first.linePos?.[0] ?? { line: 1, col: 1 };
  throw parseFailure(first.message.split(' at line')[0] ?? first.message, line, col);
}

const parseFailure = (what: string, line: number, column: number): Bail =>
  new Bail('Failed to parse configuration from: ./devenv.yaml', [
    `${what.toLowerCase()} at line ${line} column ${column}`,
  ]);
