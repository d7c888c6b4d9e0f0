/** Processes that look like a project's and are not: each writes down every signal that reaches it. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRow } from '../../src/core/process.ts';
import { isAlive, readRow } from '../../src/processes/table.ts';
import type { TestProject } from './project.ts';
import { eventually } from './until.ts';

/** KILL and STOP cannot be caught: those show in its state. With a second argument it takes that as its command line. Not `1 while sleep 1`: perl's sleep gives 0 where the clock was set back. */
const listener = `
  my ($file, $name) = @ARGV;
  for my $signal (qw(HUP INT QUIT USR1 USR2 TERM CONT ALRM)) {
    $SIG{$signal} = sub { open my $out, ">>", $file; print $out "$signal\\n" };
  }
  $0 = $name if defined $name;
  open my $ready, ">", "$file.ready"; print $ready $$; close $ready;
  sleep 1 while 1;
`;

export interface Decoy extends ProcessRow {
  readonly name: string;
  readonly signals: () => readonly string[];
}

export interface DecoyOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Before perl: `setpriv …`. */
  readonly prefix?: readonly string[];
  readonly commandLine?: string;
  /** Perl that it runs first. */
  readonly before?: string;
  /** `before` forks, and the child is the decoy. */
  readonly forks?: boolean;
  /** Default false: in this test's session. */
  readonly session?: boolean;
}

export class Decoys implements AsyncDisposable {
  readonly #directory = mkdtempSync('/tmp/uk-');
  readonly all: Decoy[] = [];

  constructor() {
    chmodSync(this.#directory, 0o777); // one of them is another user
  }

  async add(name: string, options: DecoyOptions): Promise<Decoy> {
    const file = join(this.#directory, name.replaceAll(' ', '-'));
    const perl = [
      'perl',
      '-e',
      `${options.before ?? ''}${listener}`,
      file,
      ...(options.commandLine ? [options.commandLine] : []),
    ];
    const [program = '', ...args] = [...(options.prefix ?? []), ...perl];
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: 'ignore',
      detached: options.session ?? false,
    });
    const row = await eventually(`the decoy ${name}`, () => {
      const pid = existsSync(`${file}.ready`) && readFileSync(`${file}.ready`, 'utf8');
      return pid !== false && readRow(options.forks ? Number(pid) : (child.pid ?? -1));
    });
    const signals = (): readonly string[] =>
      existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    const decoy = { ...row, name, signals };
    this.all.push(decoy);
    return decoy;
  }

  /** Those of the brief that are cheap: an editor, a twin elsewhere, another user, a shell that has all our variables. */
  static async around(project: TestProject, commandLine = 'process-compose up'): Promise<Decoys> {
    const decoys = new Decoys();
    const { root, socket } = project;
    const devenv = { DEVENV_ROOT: root, DEVENV_STATE: `${root}/.devenv/state`, PC_SOCKET_PATH: socket };
    await Promise.all([
      decoys.add('editor', { cwd: root, env: devenv, commandLine: `vim ${root}/process-compose.yaml` }),
      decoys.add('language server', { cwd: root, env: { ...devenv, PC_PROC_NAME: 'web' }, session: true }),
      decoys.add('twin elsewhere', { cwd: '/usr', commandLine }),
      ...(process.getuid?.() === 0
        ? [decoys.add('another user', { cwd: root, prefix: asNobody, env: devenv })]
        : []),
    ]);
    return decoys;
  }

  /** Names of those that were touched, and by what; empty is what every test wants. */
  get touched(): readonly string[] {
    return this.all.flatMap((decoy) => {
      if (!isAlive(decoy)) return [`${decoy.name} was ended`];
      if (readRow(decoy.pid)?.state === 'T') return [`${decoy.name} was stopped`];
      return decoy.signals().map((signal) => `${decoy.name} got ${signal}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const decoy of this.all) if (isAlive(decoy)) process.kill(decoy.pid, 'SIGKILL');
    await eventually('the end of the decoys', () => !this.all.some(isAlive));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Root alone can become somebody else. */
export const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] as const;
