/** How a prepared devenv stack is started: through devenv, or where the files broke meanwhile, without it. */
import type { Environment } from '../../core/environment.ts';
import type { Project } from '../../core/project.ts';
import type { LaunchCommand } from '../port.ts';
import { readServerArguments } from '../process-compose/server-arguments.ts';
import { logFileIn, pidFileIn } from './pid-file.ts';
import { readText } from '../devenv-evaluation/places.ts';
import type { PreparedDevenv } from './prepare.ts';
import { dotfileFor, profileWords } from '../devenv-evaluation/profiles.ts';

/**
 * `devenv shell -- SCRIPT`: what was validated starts, and since each step replaces the one before, the launched process is the
 * wrapper that `devenv processes down` ends. With the kept launcher nothing is evaluated at all.
 */
export function startCommand(
  project: Project,
  prepared: PreparedDevenv,
  ask: {
    readonly files: readonly string[];
    readonly like: readonly string[] | null;
    readonly carry: Environment;
    readonly timeoutMs: number;
  },
): LaunchCommand {
  const { root } = project;
  const dotfile = dotfileFor(root, prepared.profiles);
  const [script = '', launcher] = ask.files;
  const like = ask.like ? readServerArguments(ask.like, root) : null;
  const words = [...(like?.namespaces ?? []).flatMap((name) => ['-n', name]), ...(like?.names ?? [])];
  // Once more behind devenv: with `clean` in devenv.yaml nothing of the caller gets through it, and without a terminal a TUI
  // ends at once, with exit code 0.
  const carried = Object.entries({ ...ask.carry, PC_TUI_ENABLED: '0' }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return {
    argv: [...before(prepared, script, launcher), '/usr/bin/env', ...carried, script, ...words],
    // Its command line is devenv's own to write.
    env: Object.fromEntries(['DEVENV_CMDLINE', ...prepared.leftovers].map((name) => [name, undefined])),
    outputFile: logFileIn(dotfile),
    pidFile: pidFileIn(dotfile),
    // Entering a shell runs `enterShell`, which may install what a project needs.
    liveTimeoutMs: ask.timeoutMs,
  };
}

function before(
  { devenv, copies, profiles }: PreparedDevenv,
  script: string,
  launcher: string | undefined,
): readonly [string, ...string[]] {
  if (launcher === undefined && devenv !== null) return [devenv, ...profileWords(profiles), 'shell', '--'];
  return [...interpreterOf(script), launcher ?? copies[1] ?? script];
}

/** The interpreter of the generated script, which is there even where PATH has no bash. */
function interpreterOf(script: string): readonly [string, ...string[]] {
  const first = (readText(script) ?? '').split('\n', 1)[0] ?? '';
  const [program = 'bash', ...rest] = /^#!\s*(\S.*)$/.exec(first)?.[1]?.trim().split(/\s+/) ?? [];
  return [program, ...rest];
}
