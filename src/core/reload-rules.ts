/** The rules from which the table of reloaders is built: by subcommand, by flag, by environment. */
import type { Command } from './command-line.ts';

/** The name of the reloader as people know it (`next dev`); null: it does not reload. */
export type Reloads = (args: readonly string[], command: Command) => string | null;

const nothing: Command = { words: [], assignments: {}, directory: '.' };

export const has = (args: readonly string[], ...flags: readonly string[]): boolean =>
  args.some((arg) => flags.includes(arg.replace(/=.*$/s, '')) && !/=(?:false|0|no|off)$/i.test(arg));

/** The first word that is not an option. */
export const verb = (args: readonly string[]): string | undefined => args.find((arg) => !arg.startsWith('-'));

export const always =
  (name: string): Reloads =>
  () =>
    name;

/** With one of these subcommands; `''` means none. */
export const on =
  (name: string, ...verbs: readonly string[]): Reloads =>
  (args) => {
    const given = verb(args) ?? '';
    return verbs.includes(given) ? `${name} ${given}`.trim() : null;
  };

export const onFlag =
  (name: string, ...flags: readonly string[]): Reloads =>
  (args) => {
    const given = args.find((arg) => has([arg], ...flags));
    return given === undefined ? null : `${name} ${given}`;
  };

export const either =
  (...choices: readonly Reloads[]): Reloads =>
  (args, command) => {
    for (const choice of choices) {
      const name = choice(args, command);
      if (name !== null) return name;
    }
    return null;
  };

export const unless =
  (reloads: Reloads, ...flags: readonly string[]): Reloads =>
  (args, command) =>
    has(args, ...flags) ? null : reloads(args, command);

/** The options of the interpreter itself: those before the script. */
const own = (args: readonly string[], takesValue: RegExp): readonly string[] => {
  const options: string[] = [];
  for (let at = 0; at < args.length && args[at]?.startsWith('-') === true && args[at] !== '--'; at += 1) {
    options.push(args[at] ?? '');
    if (takesValue.test(args[at] ?? '')) at += 1;
  }
  return options;
};

export const node: Reloads = (args) =>
  onFlag(
    'node',
    '--watch',
    '--watch-path',
  )(own(args, /^(?:-r|--require|--import|--loader|--env-file|-C|-e|--eval)$/), nothing);
export const bun: Reloads = (args) => {
  const options = own(
    verb(args) === 'run' ? args.filter((arg) => arg !== 'run') : args,
    /^(?:--preload|-r|--cwd|--env-file)$/,
  );
  return onFlag('bun', '--watch', '--hot')(options, nothing);
};
export const deno: Reloads = (args) => {
  const options = own(args.slice(1), /^(?:-c|--config|--import-map)$/);
  return onFlag(`deno ${args[0] ?? ''}`, '--watch', '--watch-hmr')(options, nothing);
};

const truthy = (value: string | undefined): boolean =>
  value !== undefined && !/^(?:|0|false|no|off)$/i.test(value);

export const flask: Reloads = (args, { assignments }) => {
  if (!args.includes('run')) return null;
  if (has(args, '--debug', '--reload')) return 'flask --debug';
  const debug = truthy(assignments['FLASK_DEBUG']) || assignments['FLASK_ENV'] === 'development';
  return debug && !has(args, '--no-debug') ? 'flask with FLASK_DEBUG' : null;
};

export const rails: Reloads = (args, { assignments }) => {
  const given = verb(args);
  if (given !== 'server' && given !== 's') return null;
  const environment = option(args, '-e', '--environment') ?? assignments['RAILS_ENV'] ?? 'development';
  return environment === 'development' ? `rails ${given}` : null;
};

export const phoenix: Reloads = (args, { assignments }) =>
  args.includes('phx.server') && (assignments['MIX_ENV'] ?? 'dev') === 'dev' ? 'mix phx.server' : null;

export const django: Reloads = unless((args) => {
  const given = verb(args);
  return given === 'runserver' || given === 'runserver_plus' ? `manage.py ${given}` : null;
}, '--noreload');

export const cargo: Reloads = (given) => {
  const args = given.filter((arg) => !arg.startsWith('+')); // +nightly
  const [first = '', second = ''] = args;
  if (first === 'watch') return 'cargo watch';
  if (first === 'leptos') return second === 'watch' ? 'cargo leptos watch' : null;
  return first === 'tauri' && second === 'dev' ? 'cargo tauri dev' : null;
};

export const php: Reloads = (args) => {
  if (args.some((arg) => arg.startsWith('-S'))) return 'php -S';
  return args.some((arg) => arg === 'artisan') && args.includes('serve') ? 'php artisan serve' : null;
};

function option(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    const [name = '', value] = arg.split(/=(.*)/s);
    if (names.includes(name)) return value ?? args[index + 1];
  }
  return undefined;
}

export const watchFlag = (name: string): Reloads => onFlag(name, '--watch', '-w');

/** Without one of these verbs it is the development server; a first word may be the directory to serve. */
export const unlessVerb =
  (name: string, ...verbs: readonly string[]): Reloads =>
  (args) =>
    args.some((arg) => verbs.includes(arg)) ? null : name;

/** Containers are watched only on request: `docker compose watch`, `docker compose up --watch`. */
export const compose: Reloads = (args) =>
  args.includes('watch') || (args.includes('up') && has(args, '--watch', '-w'))
    ? 'docker compose watch'
    : null;
