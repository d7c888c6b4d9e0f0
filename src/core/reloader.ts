/** Decides whether one command reloads itself: by the table of known programs, else by its own flags. */
import type { Command } from './command-line.ts';
import { baseName } from './paths.ts';
import { reloaders } from './role-patterns.ts';

/** Programs whose later words belong to a script, for which `--watch` may mean anything. */
const ownOptionsOnly =
  /^(?:node|nodejs|bun|deno|ruby|perl|php|java|lua|sh|bash|zsh|dash|fish|docker|podman|kubectl|gh|git|tail)$/;
const negated =
  /^--(?:no-?(?:watch|reload|hot|autoreload|auto-reload)|(?:watch|reload|hot)=(?:false|0|no|off))$/i;
const generic =
  /^--(?:watch|reload|hot|live-reload|livereload|auto-reload|autoreload)(?:=(?!false$|0$|no$|off$).*)?$/i;

/** The name of the reloader (`uvicorn --reload`); null: nothing shows that it reloads itself. */
export function reloaderOf(command: Command): string | null {
  const { words } = pythonModule(command);
  const program = baseName(words[0] ?? '').replace(/^(.*\.)?(?:cmd|exe)$/, '$1');
  const args = words.slice(1);
  if (args.some((arg) => negated.test(arg))) return null;
  const known = Object.hasOwn(reloaders, program) ? reloaders[program] : undefined;
  const named = known?.(args, command) ?? null;
  if (named !== null) return named;
  const flag = ownOptionsOnly.test(program) ? undefined : beforeDashes(args).find((arg) => generic.test(arg));
  return flag === undefined ? null : `${program} ${flag}`;
}

const beforeDashes = (args: readonly string[]): readonly string[] => {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
};

/** `python -m uvicorn …` and `python manage.py …` are known by what they run. */
function pythonModule(command: Command): Pick<Command, 'words'> {
  const [program = '', ...args] = command.words;
  const name = baseName(program);
  if (name === 'ruby' && /(?:^|\/)bin\/rails$/.test(args[0] ?? '')) return { words: args };
  if (!/^(?:python|pypy)[\d.]*$/.test(name)) return command;
  const at = args.findIndex((arg) => arg === '-m' || !arg.startsWith('-'));
  if (at === -1) return command;
  if (args[at] === '-m') return { words: args.slice(at + 1) };
  const script = args[at] ?? '';
  return baseName(script) === 'manage.py' ? { words: ['manage.py', ...args.slice(at + 1)] } : command;
}
