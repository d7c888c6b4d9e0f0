/** The stand-in's command line: which verb it is, and how a failure is told. */
import { runDaemon } from './native/daemon.ts';
import { processesVerb } from './native/verbs.ts';
import { openProject } from './project.ts';
import { Bail, Usage, print, say, sayBail } from './say.ts';
import type { Flags } from './session.ts';
import { Session, forEver } from './session.ts';
import type { Settings } from './settings.ts';
import { readSettings, record } from './settings.ts';
import { down } from './verbs/down.ts';
import { build, enterShell, evaluateAttributes, info, listTasks, printDevEnv } from './verbs/shell.ts';
import { up } from './verbs/up.ts';

interface CommandLine {
  readonly words: readonly string[];
  /** After `--`. */
  readonly rest: readonly string[];
  readonly flags: Flags & {
    readonly detach: boolean;
    readonly json: boolean;
    readonly profile: string | null;
  };
}

const valued: Readonly<Record<string, number>> = {
  '--profile': 1,
  '-P': 1,
  '--option': 3,
  '-O': 3,
  '--nix-option': 2,
  '--max-jobs': 1,
  '-j': 1,
  '--system': 1,
  '--from': 1,
  '--override-input': 2,
};
const known =
  /^(?:-[dvqiV]|--(?:detach|verbose|quiet|impure|version|help|offline|json|clean(?:=.*)?|no-tui|tui|(?:no|refresh)-eval-cache|eval-cache|strict-ports|no-strict-ports))$/;

function parse(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const options: string[] = [];
  let profile: string | null = null;
  let at = 0;
  for (; at < argv.length && argv[at] !== '--'; at += 1) {
    const word = argv[at] ?? '';
    const values = valued[word];
    if (values !== undefined) {
      if (word === '--profile' || word === '-P') profile = argv[at + 1] ?? null;
      at += values;
    } else if (!word.startsWith('-')) {
      words.push(word);
      // `shell CMD -x`: what follows is the command's.
      if (words[0] === 'shell' && words.length === 2) {
        words.push(...argv.slice(at + 1));
        at = argv.length;
      }
    } else if (known.test(word)) options.push(word);
    else throw new Usage(`error: unexpected argument '${word}' found`);
  }
  const has = (...names: readonly string[]): boolean => options.some((option) => names.includes(option));
  if (has('--version', '-V')) words.splice(0, words.length, 'version');
  const flags = {
    refresh: has('--refresh-eval-cache'),
    cache: !has('--no-eval-cache'),
    detach: has('-d', '--detach'),
    json: has('--json'),
    profile,
  };
  return { words, rest: argv.slice(at + 1), flags };
}

async function run(settings: Settings): Promise<void> {
  const { words, rest, flags } = parse(process.argv.slice(2));
  const [verb = '', ...names] = words;
  if (verb === 'version') return print(`devenv ${settings.cli.version} (x86_64-linux)\n`);
  if (verb === 'daemon-processes') return runDaemon(settings, names[0] ?? '');
  record(settings, { pid: process.pid, argv: process.argv.slice(2) });
  if (settings.fail === 'hang') return forEver();
  if (settings.fail === 'silent') return;
  if (settings.fail === 'old' && verb !== 'up' && verb !== 'processes')
    throw new Usage(`error: unrecognized subcommand '${verb}'`);
  const project = await openProject(settings, flags.profile);
  const session = (): Session => new Session(settings, project, flags);
  const { cli } = settings;
  switch (verb) {
    case 'up':
      return up(session(), { names, detach: flags.detach });
    case 'print-dev-env':
      return printDevEnv(session(), flags.json);
    case 'shell':
      return enterShell(session(), [...names, ...rest]);
    case 'build':
      return build(session(), names);
    case 'info':
      return info(session());
    case 'eval':
      if (cli.evalVerb) return evaluateAttributes(session(), names);
      break;
    case 'tasks':
      if (cli.tasksVerb && names[0] === 'list') return listTasks(session(), flags.json);
      break;
    case 'print-paths':
      if (cli.native)
        return print(
          `DEVENV_DOTFILE="${project.dotfile}"\nDEVENV_ROOT="${project.root}"\nDEVENV_GC="${project.gc}"\n`,
        );
      break;
    case 'down':
      if (cli.native?.joins) return down(project, settings);
      break;
    case 'processes':
      return processes();
  }
  throw new Usage(`error: unrecognized subcommand '${verb}'`);

  async function processes(): Promise<void> {
    const [sub = '', ...more] = names;
    if (sub === 'down' || (sub === 'stop' && (!cli.native || more.length === 0)))
      return down(project, settings);
    if (sub === 'up' || (sub === 'start' && (!cli.native?.verbs.includes('start') || more.length === 0)))
      return up(session(), { names: more, detach: flags.detach });
    if (cli.native?.verbs.includes(sub)) return processesVerb(project, cli.native, sub, more);
    throw new Usage(`error: unrecognized subcommand '${sub}'`);
  }
}

// No `await` here: compiled, this is a CommonJS file.
void (async () => run(readSettings()))().catch((error: unknown) => {
  if (error instanceof Usage) {
    say(`${error.message}\n\nFor more information, try '--help'.`);
    process.exitCode = 2;
  } else {
    if (!(error instanceof Bail)) console.error(error);
    else sayBail(error);
    process.exitCode = 1;
  }
});
