/** The stage of the demo: a copy of the example in a temporary git repository, the built CLI, and a watcher to listen to. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const repository = join(import.meta.dirname, '../..');
const cli = join(repository, 'dist/upkeep.cjs');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WatchEvent {
  readonly event: string;
  readonly outcome?: string;
  readonly restart?: string;
  readonly [field: string]: unknown;
}

export interface Ports {
  readonly db: number;
  readonly web: number;
}

export class Stage {
  readonly root = mkdtempSync('/tmp/upkeep-demo-');
  readonly env: NodeJS.ProcessEnv;
  readonly events: WatchEvent[] = [];
  readonly webPort: number;
  readonly #example: string;
  #watcher: ChildProcess | null = null;

  /** `example`: a directory of examples/; `env`: over the caller's. */
  constructor(example: string, ports: Ports, env: NodeJS.ProcessEnv = {}) {
    this.#example = example;
    this.webPort = ports.web;
    // The caller's environment, less what git or npm set for their own children.
    const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|npm_|UPKEEP_|PC_)/.test(name));
    this.env = {
      ...Object.fromEntries(kept),
      SHOP_DB_PORT: String(ports.db),
      SHOP_WEB_PORT: String(ports.web),
      ...env,
    };
  }

  static async create(): Promise<Stage> {
    return new Stage('shop', await freePorts());
  }

  async setUp(): Promise<void> {
    cpSync(join(repository, 'examples', this.#example), this.root, { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
    this.write('.gitignore', 'node_modules\n.devenv*\ndevenv.lock\n');
    await this.git('init', '-q', '-b', 'main');
    await this.git('add', '-A');
    await this.git('commit', '-qm', 'The shop');
  }

  readonly path = (name: string): string => join(this.root, name);
  readonly read = (name: string): string => readFileSync(this.path(name), 'utf8');
  readonly write = (name: string, text: string): void => writeFileSync(this.path(name), text);
  readonly chmod = (name: string, mode: number): void => chmodSync(this.path(name), mode);
  readonly touch = (name: string): void => utimesSync(this.path(name), new Date(), new Date());

  upkeep(...args: string[]): Promise<Ran> {
    return execute([process.execPath, cli, ...args], { cwd: this.root, env: this.env });
  }

  async git(...args: string[]): Promise<Ran> {
    const identity = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.invalid'];
    const ran = await execute(['git', ...identity, ...args], { cwd: this.root, env: this.env });
    if (ran.code !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
    return ran;
  }

  async status(): Promise<{
    services: { name: string; pid: number | null }[];
    instance: { pid: number } | null;
    [field: string]: unknown;
  }> {
    return JSON.parse((await this.upkeep('status', '--json')).stdout);
  }

  page(): Promise<string> {
    return fetch(`http://127.0.0.1:${this.webPort}/`).then(
      (answer) => answer.text(),
      () => '',
    );
  }

  startWatcher(): void {
    const child = spawn(process.execPath, [cli, 'watch', '--json'], {
      cwd: this.root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#watcher = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.events.push(JSON.parse(line)));
  }

  /** The watcher on this terminal, until Ctrl-C, which reaches it as well. */
  async watchHere(): Promise<void> {
    process.on('SIGINT', () => undefined);
    const child = spawn(process.execPath, [cli, 'watch'], {
      cwd: this.root,
      env: this.env,
      stdio: 'inherit',
    });
    await new Promise((resolve) => child.once('exit', resolve));
  }

  /** Bounded; the fact is looked for 20 times a second. */
  async until<T>(what: string, find: () => T | Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
    for (const end = Date.now() + timeoutMs; Date.now() < end;) {
      const found = await find();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(
      `${what}: not within ${timeoutMs / 1000} s. The last events: ${JSON.stringify(this.events.slice(-5))}`,
    );
  }

  async end(): Promise<void> {
    const child = this.#watcher;
    if (child && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    await this.upkeep('stop');
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function execute(argv: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

export const freePorts = async (): Promise<Ports> => ({ db: await freePort(), web: await freePort() });

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
