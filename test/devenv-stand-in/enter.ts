/** Into the environment: the call becomes the command, the pid stays. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Built } from './build.ts';
import { quote } from './generate/shell-env.ts';
import { moveLink } from './links.ts';
import { Bail } from './say.ts';
import type { Session } from './session.ts';

export type Environment = Readonly<Record<string, string>>;

/** What a command in the shell starts with: DEVENV_CMDLINE, and with `clean` only what is kept. */
export function outerEnvironment(session: Session, extra: Environment = {}): Environment {
  const { kept } = session.project.yaml;
  const all = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && (kept === null || name === 'PATH' || kept.includes(name))
      ? [[name, value] as const]
      : [],
  );
  return {
    ...Object.fromEntries(all),
    DEVENV_CMDLINE: process.argv.slice(2).join(' '),
    ...extra,
  };
}

/** 1.x: argv of a bash that enters the shell and becomes `words`. */
export function enterCommand(
  session: Session,
  shell: Built,
  words: readonly string[],
): readonly [string, ...string[]] {
  const { runtime, gc } = session.project;
  const { bash } = session.packages;
  mkdirSync(runtime, { recursive: true, mode: session.settings.cli.native ? 0o700 : 0o755 });
  if (session.settings.cli.enters === 'develop')
    return [bash, '-c', '. "$0"; exec "$@"', join(gc, 'shell'), ...words];
  const script = join(runtime, 'shell');
  writeFileSync(script, `${shell.text}\nexec ${words.map(quote).join(' ')}\n`);
  return [bash, script];
}

/** 2.x: runs the hooks once and keeps the variables they left. */
export function captureEnvironment(session: Session, shell: Built, extra: Environment = {}): Environment {
  mkdirSync(session.project.runtime, { recursive: true, mode: 0o700 });
  const { status, stdout } = spawnSync(
    session.packages.bash,
    ['-c', `{ . "$0"; } >&2; exec env -0`, shell.path],
    { env: { ...outerEnvironment(session, extra) }, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (status !== 0) throw new Bail('Failed to capture the environment of the shell');
  const pairs = stdout.split('\0').filter((line) => line !== '');
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** `.devenv/bash-bash`, by which 2.x finds the bash that it runs things with. */
export function linkBash({ project, packages }: Session): void {
  moveLink(join(project.dotfile, 'bash-bash'), dirname(dirname(packages.bash)));
}

/** Never returns. */
export function become(words: readonly string[], env: Environment): never {
  const [program = ''] = words;
  if (!process.execve) throw new Bail('this node has no execve');
  return process.execve(program, [...words], { ...env });
}
