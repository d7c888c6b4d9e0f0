/** The ground of a benchmark: a project in a temporary git repository, the built CLI, and the real process-compose. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { findBinary } from '../../src/supervisor/process-compose/binary/find-binary.ts';

const repository = join(import.meta.dirname, '../..');
export const cli = join(repository, 'dist/upkeep.cjs');

/** Built if need be, as `upkeep start` would. */
export async function processCompose(): Promise<string> {
  const onProgress = (line: string): void => console.error(line);
  const found = await findBinary({ running: null, env: process.env, onProgress });
  if (!found.ok) throw new Error(`no process-compose: ${JSON.stringify(found.failure)}`);
  return found.value.path;
}

export class Ground {
  readonly root = mkdtempSync('/tmp/uk-bench-');
  readonly binary: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(binary: string, env: Readonly<Record<string, string>>, programs: readonly string[]) {
    const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|npm_|UPKEEP_|PC_)/.test(name));
    const path = [...programs, dirname(process.execPath), dirname(binary), process.env['PATH']].join(
      delimiter,
    );
    this.binary = binary;
    this.env = { ...Object.fromEntries(kept), ...env, PATH: path };
  }

  /** `files`: path → text; `example`: a directory of examples/ to copy first; `programs`: first on PATH. */
  static async make(what: {
    files?: Readonly<Record<string, string>>;
    example?: string;
    env?: Readonly<Record<string, string>>;
    programs?: readonly string[];
  }): Promise<Ground> {
    const ground = new Ground(await processCompose(), what.env ?? {}, what.programs ?? []);
    if (what.example) {
      cpSync(join(repository, 'examples', what.example), ground.root, { recursive: true });
      symlinkSync(join(repository, 'node_modules'), join(ground.root, 'node_modules'));
    }
    for (const [path, text] of Object.entries({ '.gitignore': 'node_modules\nstamp\n', ...what.files })) {
      mkdirSync(dirname(ground.path(path)), { recursive: true });
      ground.write(path, text);
    }
    const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid'];
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
      [...who, 'commit', '-qm', 'all'],
    ])
      ground.run(['git', ...args]);
    return ground;
  }

  readonly path = (name: string): string => join(this.root, name);
  readonly write = (name: string, text: string): void => writeFileSync(this.path(name), text);

  /** To its end; its stdout. Throws when it fails. */
  run(argv: readonly string[]): string {
    const [program = '', ...args] = argv;
    const done = spawnSync(program, args, { cwd: this.root, env: this.env, encoding: 'utf8' });
    if (done.status === 0) return done.stdout;
    throw new Error(`${argv.join(' ')} ended with ${done.status}: ${done.stderr}`);
  }

  readonly upkeep = (...args: string[]): string => this.run([process.execPath, cli, ...args]);

  /** The same, while this process goes on polling. */
  async upkeepMeanwhile(...args: string[]): Promise<void> {
    const options = { cwd: this.root, env: this.env, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, [cli, ...args], options);
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`upkeep ${args.join(' ')} ended with ${code}`);
  }

  end(): void {
    this.upkeep('stop');
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
