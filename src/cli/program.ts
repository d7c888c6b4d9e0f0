/** The table of commands: names, options, and where each verb's file is loaded from when it is called. */
import type { Command as Program } from 'commander';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ColorChoice } from '../ui/style.ts';
import type { Verb } from './call.ts';
import { version } from './version.ts';

/** What every command accepts, as commander parsed it. */
export interface CommonOptions {
  readonly root?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: ColorChoice;
  /** Seconds. */
  readonly timeout?: number;
}

export type RunVerb = <Options>(
  load: () => Promise<Verb<Options>>,
  common: CommonOptions,
  options: Options,
) => Promise<void>;

/**
 * The commander program, which throws instead of exiting. Where `argv` begins with a verb, only that one is declared, which
 * saves a millisecond; for help, typos and options before the verb, all of them are.
 */
export function programFor(argv: readonly string[], run: RunVerb): Program {
  const verb = buildProgram(run, argv[2] ?? null);
  return verb.commands.length > 0 ? verb : buildProgram(run, null);
}

function buildProgram(run: RunVerb, only: string | null): Program {
  const command = (parent: Program, nameAndArguments: string, about: string): Program =>
    only === null || nameAndArguments.split(' ')[0] === only
      ? declare(parent, nameAndArguments, about)
      : leftOut;
  const program = new Command('upkeep')
    .description('Keeps the dev services of this project running on exactly what is on disk.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('`upkeep --help` lists the commands.')
    .enablePositionalOptions();
  common(program);

  command(program, 'start', 'start the stack: with its TUI on this terminal, or in the background')
    .aliases(['up'])
    .option('-d, --detach', 'in the background; returns when every service is ready')
    .option('--no-wait', 'with --detach: return as soon as the supervisor answers')
    .action((options) =>
      run(async () => (await import('./verbs/start.ts')).start, all(program, options), {
        detach: Boolean(options.detach),
        wait: options.wait !== false,
      }),
    );
  command(program, 'start-bg', 'the same as `start --detach`')
    .option('--no-wait', 'return as soon as the supervisor answers')
    .action((options) =>
      run(async () => (await import('./verbs/start.ts')).start, all(program, options), {
        detach: true,
        wait: options.wait !== false,
      }),
    );
  command(program, 'attach', 'show the TUI of the running stack; leaving it keeps the stack running').action(
    (options) => run(async () => (await import('./verbs/attach.ts')).attach, all(program, options), {}),
  );
  command(program, 'stop', 'stop all services and the supervisor, whoever started them')
    .aliases(['down'])
    .action((options) => run(async () => (await import('./verbs/stop.ts')).stop, all(program, options), {}));
  command(program, 'restart', 'reload and validate the configuration, then stop and start everything')
    .option('-d, --detach', 'accepted for symmetry: a restart always ends up in the background')
    .option('--dry-run', 'print the plan')
    .option('--fresh-env', "take the caller's environment instead of the recorded one")
    .option('--no-wait', 'return as soon as the supervisor answers')
    .action((options) =>
      run(async () => (await import('./verbs/restart.ts')).restart, all(program, options), {
        dryRun: Boolean(options.dryRun),
        freshEnv: Boolean(options.freshEnv),
        wait: options.wait !== false,
      }),
    );
  command(program, 'status', 'show what is running, whether it matches what is on disk, and what to do next')
    .option('-f, --follow', 'keep it up to date')
    .action((options) =>
      run(async () => (await import('./verbs/status.ts')).status, all(program, options), {
        follow: Boolean(options.follow),
      }),
    );
  command(
    program,
    'health [services...]',
    'only an exit code, and a line for each service that is not well',
  ).action((names, options) =>
    run(async () => (await import('./verbs/health.ts')).health, all(program, options), { names }),
  );
  command(program, 'logs [services...]', 'print what the services wrote')
    .option('-f, --follow', 'keep printing new lines')
    .option('-n, --lines <count>', 'only the last lines of each service; 0: all', wholeNumber)
    // Nothing to be done for it: every manager begins its logs anew when the stack starts.
    .option('--this-run', 'only since the last start, as always: nothing older is kept')
    .action((names, options) =>
      run(async () => (await import('./verbs/logs.ts')).logs, all(program, options), {
        names,
        follow: Boolean(options.follow),
        lines: options.lines ?? null,
      }),
    );
  command(program, 'watch', 'restart the stack when what is on disk changes').action((options) =>
    run(async () => (await import('./verbs/watch.ts')).watch, all(program, options), {}),
  );
  command(program, 'ps', 'list every process of the stack, with the evidence that it belongs to it')
    .option('-a, --all', 'also the other projects on this machine')
    .action((options) =>
      run(async () => (await import('./verbs/ps.ts')).ps, all(program, options), {
        all: Boolean(options.all),
      }),
    );
  command(program, 'port <port|service>', 'show who holds a port, for which project, and since when').action(
    (asked, options) =>
      run(async () => (await import('./verbs/port.ts')).port, all(program, options), { asked }),
  );
  command(
    program,
    'reap [pids...]',
    'end what earlier runs left behind, and unproved leftovers that you name; never deletes data',
  )
    .option('--dry-run', 'print the plan')
    .action((pids, options) =>
      run(async () => (await import('./verbs/reap.ts')).reap, all(program, options), {
        dryRun: Boolean(options.dryRun),
        pids,
      }),
    );
  command(
    program,
    'why [service]',
    'explain why the stack restarted last, is stale, or is not running',
  ).action((name, options) =>
    run(async () => (await import('./verbs/why.ts')).why, all(program, options), { name: name ?? null }),
  );
  command(program, 'doctor', 'check everything that upkeep needs, each with the next move').action(
    (options) => run(async () => (await import('./verbs/doctor.ts')).doctor, all(program, options), {}),
  );
  return program;
}

/** Stands for the commands that are not declared: takes their options and belongs to no program. */
const leftOut = Object.freeze({
  aliases: () => leftOut,
  option: () => leftOut,
  action: () => leftOut,
}) as unknown as Program;

function declare(program: Program, nameAndArguments: string, about: string): Program {
  return common(program.command(nameAndArguments).description(about)).exitOverride();
}

/** Accepted before and after the verb. */
function common(one: Program): Program {
  return one
    .option('-C, --root <dir>', 'the project directory (default: the nearest one upwards)')
    .option('--json', 'print one JSON document on stdout (streams: one per line)')
    .option('-q, --quiet', 'print only answers and failures')
    .addOption(new Option('--color <when>', 'auto, always or never').choices(['auto', 'always', 'never']))
    .option('--timeout <seconds>', 'give up after this long', positiveNumber);
}

const all = (program: Program, options: CommonOptions): CommonOptions => ({
  ...program.opts<CommonOptions>(),
  ...options,
});

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('Expected a number of seconds above 0.');
  return value;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
