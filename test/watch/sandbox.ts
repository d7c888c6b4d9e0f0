/** A throw-away project with real git, and bounded waiting. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Sandbox extends Disposable {
  readonly base: string;
  readonly root: string;
  /** Absolute. */
  at(path: string): string;
  write(path: string, text?: string): void;
  git(...args: string[]): string;
}

const settings = [
  '-c',
  'user.name=t',
  '-c',
  'user.email=t@t',
  '-c',
  'init.defaultBranch=main',
  '-c',
  'protocol.file.allow=always',
];

export function sandbox(options: { git?: boolean; root?: string } = {}): Sandbox {
  const base = realpathSync(mkdtempSync('/tmp/uk-'));
  const root = join(base, options.root ?? 'p');
  mkdirSync(root);
  const box: Sandbox = {
    base,
    root,
    at: (path) => join(root, path),
    write(path, text = `${path}\n`) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    git: (...args) => gitIn(root, base, ...args),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
  if (options.git !== false) box.git('init', '-q');
  return box;
}

export function gitIn(cwd: string, home: string, ...args: string[]): string {
  const { PATH } = process.env;
  const env = { PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...settings, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves when `holds` does; looks every 5 ms, rejects with `what` after the bound. */
export async function until(holds: () => boolean, what: string, boundMs = 30_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not seen within ${boundMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
