/** The table of commands: names, options, and where each verb's file is loaded from when it is called. */
import type { Command as Program } from 'commander';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommonOptions } from './main.ts';
import type { Verb } from './call.ts';
import { version } from './version.ts';

export type RunVerb = <Options>(
  load: () => Promise<Verb<Options>>,
  common: CommonOptions,
  options: Options,
) => Promise<void>;

/**
 * commander with everything it prints, throwing instead of exiting. Where `argv` names a verb first, that one alone is
 * declared, which saves a millisecond: help, typos and options before the verb need the others too, and get them.
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

  command(program, 'start', 'start the stack: with its TUI here, or in the background')
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
  command(program, 'attach', 'the TUI on the running stack; leaving it leaves the stack').action((options) =>
    run(async () => (await import('./verbs/attach.ts')).attach, all(program, options), {}),
  );
  command(program, 'stop', 'stop all services and the supervisor, whoever started them')
    .aliases(['down'])
    .action((options) => run(async () => (await import('./verbs/stop.ts')).stop, all(program, options), {}));
  command(program, 'restart', 'read the configuration again, validate it, all down, all up')
    .option('-d, --detach', 'accepted for symmetry: a restart is always in the background')
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
  command(program, 'status', 'what runs, whether it is what is on disk, and the next command')
    .option('-f, --follow', 'live')
    .action((options) =>
      run(async () => (await import('./verbs/status.ts')).status, all(program, options), {
        follow: Boolean(options.follow),
      }),
    );
  command(program, 'health [services...]', 'the gate: an exit code and the failing lines').action(
    (names, options) =>
      run(async () => (await import('./verbs/health.ts')).health, all(program, options), { names }),
  );
  command(program, 'logs [services...]', 'what the services wrote')
    .option('-f, --follow', 'go on')
    .option('-n, --lines <count>', 'the last lines of each; 0: all', wholeNumber)
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
  command(program, 'ps', 'every process of the stack, with the evidence that it is ours')
    .option('-a, --all', 'the other projects on this machine, too')
    .action((options) =>
      run(async () => (await import('./verbs/ps.ts')).ps, all(program, options), {
        all: Boolean(options.all),
      }),
    );
  command(program, 'port <port|service>', 'who holds a port, whose it is, since when').action(
    (asked, options) =>
      run(async () => (await import('./verbs/port.ts')).port, all(program, options), { asked }),
  );
  command(
    program,
    'reap [pids...]',
    'end what an earlier run left over, and what is named of that which only looks like it; never data',
  )
    .option('--dry-run', 'print the plan')
    .action((pids, options) =>
      run(async () => (await import('./verbs/reap.ts')).reap, all(program, options), {
        dryRun: Boolean(options.dryRun),
        pids,
      }),
    );
  command(program, 'why [service]', 'why it restarted last, why it is stale, why it does not run').action(
    (name, options) =>
      run(async () => (await import('./verbs/why.ts')).why, all(program, options), { name: name ?? null }),
  );
  command(program, 'doctor', 'checks of everything that upkeep needs, each with the next move').action(
    (options) => run(async () => (await import('./verbs/doctor.ts')).doctor, all(program, options), {}),
  );
  return program;
}

/** Takes what is declared, and belongs nowhere. */
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
    .option('-C, --root <dir>', 'the project: default the nearest one upwards')
    .option('--json', 'one JSON document on stdout (streams: one a line)')
    .option('-q, --quiet', 'only answers and failures')
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
    throw new InvalidArgumentError('a number of seconds, above 0, is expected.');
  return value;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}
