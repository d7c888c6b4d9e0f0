/** Recognises commands whose text is elsewhere (an npm script, a just recipe, a shell script), and tells where to look for it. */
import type { Command } from './command-line.ts';
import { baseName } from './paths.ts';

export interface Launcher {
  readonly kind: 'npm' | 'just' | 'file';
  /** Script or recipe name, or the path of the file as written. */
  readonly name: string;
  /** Relative to the service's working directory; null: the command before it cannot be followed. */
  readonly directory: string | null;
  /** `just -f FILE`; null: found by looking. */
  readonly file: string | null;
  /** What people call it: `npm run dev`. */
  readonly from: string;
  /** The name could also be a program of node_modules/.bin: `yarn vite`. */
  readonly orProgram: boolean;
}

/** null: the command is not a launcher. */
export function launcherOf(command: Command): Launcher | null {
  const [program = '', ...rest] = command.words;
  const name = baseName(program);
  if (name === 'npm' || name === 'pnpm' || name === 'yarn' || name === 'bun')
    return npmScript(name, rest, command);
  if (name === 'just') return justRecipe(rest, command);
  const file = /^(?:ba|da|z|k|a)?sh$/.test(name)
    ? rest.find((word) => !/^[-+]/.test(word))
    : scriptPath(program);
  if (file === undefined || /[$`*?]/.test(file)) return null;
  return {
    kind: 'file',
    name: file,
    directory: command.directory,
    file: null,
    from: baseName(file),
    orProgram: false,
  };
}

/** `./x.sh`, `bin/dev`: a file that the shell finds by its path. Whether it is text is known when it is read. */
const scriptPath = (program: string): string | undefined =>
  program.includes('/') && !program.startsWith('/nix/') ? program : undefined;

const elsewhere = /^(?:--prefix|-C|--dir|--cwd)$/;
const otherWorkspace =
  /^(?:-w|--workspace|--filter|-F|workspace|workspaces|-r|--recursive|--workspaces|-ws)$/;

function npmScript(manager: string, rest: readonly string[], command: Command): Launcher | null {
  let directory = command.directory;
  const words: string[] = [];
  for (let at = 0; at < rest.length && rest[at] !== '--'; at += 1) {
    const word = rest[at] ?? '';
    const [option = '', value] = word.split(/=(.*)/s);
    // From here it cannot be told which package of the workspace is meant.
    if (otherWorkspace.test(option)) return null;
    if (elsewhere.test(option)) {
      const path = value ?? rest[(at += 1)] ?? '';
      directory =
        /[$`]/.test(path) || directory === null ? null : path.startsWith('/') ? path : `${directory}/${path}`;
    } else if (word.startsWith('-')) continue;
    else words.push(word);
  }
  const [verb = '', script] = words;
  const found = (name: string, orProgram = false): Launcher => ({
    kind: 'npm',
    name,
    directory,
    file: null,
    from: `${manager} ${verb === name ? '' : `${verb} `}${name}`,
    orProgram,
  });
  if (/^(?:run|run-script|rum|urn)$/.test(verb))
    return script === undefined ? null : found(script, manager !== 'npm');
  if (verb === 'start' || verb === 'test') return found(verb);
  if (manager === 'npm' || verb === '' || /^(?:add|install|i|ci|build|exec|dlx|x|test)$/.test(verb))
    return null;
  // `bun server.ts` runs the file.
  return manager === 'bun' && /[./]/.test(verb) ? null : found(verb, true);
}

function justRecipe(rest: readonly string[], command: Command): Launcher | null {
  let { directory } = command;
  let file: string | null = null;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const [option = '', value] = word.split(/=(.*)/s);
    if (/^(?:-f|--justfile)$/.test(option)) file = value ?? rest[(at += 1)] ?? null;
    else if (/^(?:-d|--working-directory)$/.test(option)) at += value === undefined ? 1 : 0;
    else if (/^--(?:set|dotenv-filename|dotenv-path|shell|color)$/.test(option))
      at += option === '--set' ? 2 : value === undefined ? 1 : 0;
    else if (word.startsWith('-') || /^\w+=/.test(word)) continue;
    else {
      const path = /^(.*\/)([^/]+)$/.exec(word);
      if (path?.[1] && directory !== null) directory = `${directory}/${path[1]}`.replace(/\/$/, '');
      return {
        kind: 'just',
        name: path?.[2] ?? word,
        directory,
        file,
        from: `just ${word}`,
        orProgram: false,
      };
    }
  }
  return { kind: 'just', name: '', directory, file, from: 'just', orProgram: false };
}
