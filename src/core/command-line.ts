/** Decides which programs a command line leaves running, looking through wrappers such as `exec` and `env`. */
import { baseName } from './paths.ts';
import { shellTokens } from './shell-words.ts';
import { unwrap } from './wrappers.ts';

export interface Command {
  /** Program first, without assignments and wrappers (`exec`, `env`, `npx`, `poetry run` …). Never empty. */
  readonly words: readonly string[];
  /** Assignments before it or given to env: `NODE_ENV=production`. */
  readonly assignments: Readonly<Record<string, string>>;
  /** Relative to the text's own directory, by the `cd` before it; null: a `cd` that cannot be followed. */
  readonly directory: string | null;
}

interface Piece {
  readonly words: readonly string[];
  readonly before: string;
  readonly after: string;
  /** The last of its branch: `then … else`, `case … ;;`. */
  readonly branchEnd: boolean;
  readonly directory: string | null;
}

/** Words of the grammar that may stand before a command. */
const openers = new Set(['then', 'do', 'else', 'elif', 'if', 'while', 'until', '!', '{', 'time']);
const closers = new Set(['fi', 'done', 'esac', '}']);

/** Commands that prepare or wait: while the service runs they are over, or only wait. */
const preparing =
  /^(?:cd|pushd|popd|export|set|unset|shift|source|\.|:|true|false|test|\[|\[\[|echo|printf|mkdir|rm|cp|mv|ln|touch|chmod|chown|sleep|wait|trap|ulimit|umask|local|declare|readonly|alias|read|eval|return|exit|kill|install|until|for|case|function|command_not_found|which|hash|type)$/;
const installing =
  /^(?:npm|pnpm|yarn|bun) (?:ci|i|install)\b|^bundle (?:install|check)\b|^pip3? install\b|^(?:poetry|uv|go mod|mix deps\S*) (?:install|sync|download|get)?$|^go mod \w+$|^corepack\b/;

/** Filters, which only pass on the output of the service before them in a pipe. */
const filter =
  /^(?:pino-pretty|pino-\w+|bunyan|tee|cat|sed|awk|gawk|grep|egrep|rg|jq|ts|head|tail|tr|cut|sort|less|more|logger|multilog|xargs|fold|stdbuf|humanlog|lnav|roarr|colout|ccze)$/;

/**
 * The programs that remain: those in the background, the last one, the ends of branches. `sh -c '…'` is looked into.
 * Empty: nothing but preparation, or a text that cannot be followed.
 */
export function lastingCommands(text: string, depth = 0): readonly Command[] {
  const pieces = split(text);
  const lasting: Command[] = [];
  pieces.forEach((piece, index) => {
    const { words, assignments } = unwrap(piece.words);
    const { directory } = piece;
    const [program] = words;
    if (program === undefined) return;
    const exec = piece.words.find((word) => !/^\w+=/.test(word)) === 'exec';
    const remaining = pieces.slice(index + 1).filter((later) => !isPreparation(unwrap(later.words).words));
    const last = remaining.every((later) => later.before === '|');
    const lasts =
      exec || last || piece.after === '&' || piece.after === '|' || piece.branchEnd || piece.after === '||';
    // `exec sleep 1000`, or nothing but a sleep: then the waiting is the service.
    const all = exec || (pieces.length === 1 && program === 'sleep');
    if (!lasts || (isPreparation(words) && !all)) return;
    if (piece.before === '|' && filter.test(baseName(program))) return;
    const inner = shellText(words);
    if (inner !== null && depth < 3) {
      for (const command of lastingCommands(inner, depth + 1)) {
        lasting.push({
          words: command.words,
          assignments: { ...assignments, ...command.assignments },
          directory: command.directory === null ? null : inside(directory, command.directory),
        });
      }
    } else if (piece.after !== '|' || !feedsLater(pieces, index)) {
      lasting.push({ words, assignments, directory });
    }
  });
  return lasting;
}

/** A pipe's first half counts, unless what it feeds is the program: `find . | entr -r node x`. */
const feedsLater = (pieces: readonly Piece[], index: number): boolean => {
  const next = pieces[index + 1];
  const program = next ? unwrap(next.words).words[0] : undefined;
  return program === 'entr' || program === 'xargs';
};

const isPreparation = (words: readonly string[]): boolean =>
  words[0] === undefined || preparing.test(words[0]) || installing.test(words.join(' '));

function split(text: string): readonly Piece[] {
  const pieces: (Piece & { after: string; branchEnd: boolean })[] = [];
  let words: string[] = [];
  let before = ';';
  let directory: string | null = '.';
  const outer: (string | null)[] = [];
  const end = (after: string): void => {
    const last = pieces.at(-1);
    if (words.length > 0) {
      pieces.push({ words, before, after, branchEnd: after === ';;', directory });
      directory = directoryAfter(words, directory);
    } else if (last && (after === '&' || after === '|')) {
      last.after = after; // of the whole group: `(cd web && vite) &`, `while …; done &`
    }
    if (words.length > 0 || after !== ';') before = after;
    if (after === '(') outer.push(directory);
    if (after === ')' && outer.length > 0) directory = outer.pop() ?? null;
    words = [];
  };
  for (const token of shellTokens(text)) {
    if (token.is === 'operator') end(token.text);
    else if (words.length === 0 && token.bare && openers.has(token.text)) {
      const previous = pieces.at(-1);
      if ((token.text === 'else' || token.text === 'elif') && previous) previous.branchEnd = true;
    } else if (!(words.length === 0 && token.bare && closers.has(token.text))) words.push(token.text);
  }
  end('');
  return pieces;
}

function directoryAfter(words: readonly string[], directory: string | null): string | null {
  const [program, argument] = unwrap(words).words;
  if (program !== 'cd' && program !== 'pushd') return directory;
  return argument === undefined ? null : inside(directory, argument);
}

/** The text of `sh -c TEXT`, `bash -lc TEXT` and the like; null for anything else. */
function shellText(words: readonly string[]): string | null {
  if (!/^(?:ba|da|z|k|a)?sh$/.test(baseName(words[0] ?? ''))) return null;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^-[a-z]*c[a-z]*$/.test(word))
      return words[at + 1] === '--' ? (words[at + 2] ?? null) : (words[at + 1] ?? null);
    if (word === '-o' || word === '-O' || word === '+o') at += 1;
    else if (!word.startsWith('-') && !word.startsWith('+')) return null;
  }
  return null;
}

function inside(base: string | null, directory: string): string | null {
  if (/[$`~*?]/.test(directory) || directory === '-') return null;
  if (directory.startsWith('/')) return directory;
  if (base === null) return null;
  return base === '.'
    ? directory.replace(/^\.\/(?=.)/, '')
    : directory === '.'
      ? base
      : `${base}/${directory}`;
}
