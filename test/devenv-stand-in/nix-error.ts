/** An error of Nix as devenv shows it: a long trace, the error as its last paragraph, colours even in a file. */
import type { Cli } from './releases.ts';
import { say } from './say.ts';

const red = (text: string): string => `\u001b[31;1m${text}\u001b[0m`;
const magenta = (text: string): string => `\u001b[35;1m${text}\u001b[0m`;
const indent = '       ';

/** Prints it; a syntax error twice where the release evaluates twice. `text` begins with `error:`. */
export function sayNixError(text: string, cli: Cli): void {
  const own = text.slice(Math.max(0, text.search(/^error:/m)));
  const report = [red('error:'), ...trace(), lastParagraph(own, cli)].join('\n');
  const twice = cli.flakeFiles && /syntax error/.test(own);
  say(report);
  if (twice) say(report);
}

/** Nix 2.8 has blank lines around the position, which later ones leave out, and a hint at the end. */
function lastParagraph(text: string, cli: Cli): string {
  const lines = text
    .replace(/\n\(use '--show-trace'[^\n]*\)/, '')
    .trimEnd()
    .split('\n')
    .filter((line) => line.trim() !== '');
  const [first = '', ...rest] = lines;
  // A message that was thrown stands on lines of its own below the word.
  return [
    `${indent}${red('error:')} ${first.replace(/^error: /, '').replaceAll(/'([^']+)'(?=$| |,)/g, quoted)}`,
    ...rest.map((line) => colour(line, cli)),
  ].join('\n');
}

const quoted = (_: string, word: string): string => `'${magenta(word)}'`;

function colour(line: string, cli: Cli): string {
  const [, path] = /^ +at (\/.*:\d+:\d+):$/.exec(line) ?? [];
  if (path !== undefined) return `${indent}at ${magenta(cli.filePrefix + path)}:`;
  return line.replace(/^( +\| +)(\^)$/, (_, before: string, caret: string) => before + red(caret));
}

/** What the module system puts above every error: 33 frames of five lines. */
function trace(): readonly string[] {
  return Array.from({ length: 33 }, (_, at) => {
    const line = 118 + at * 7;
    return [
      `${indent}… while evaluating a ${at % 2 === 0 ? 'branch condition' : 'list element'}`,
      `${indent}  at ${magenta(`«nixpkgs»/lib/modules.nix:${line}:9`)}:`,
      `${indent}   ${line - 1}|       definitions = at: place at`,
      `${indent}   ${line}|         (look at);`,
      `${indent}      |         ${red('^')}`,
      '',
    ].join('\n');
  });
}
