/** Where in a Nix file an option is set: Nix itself tells the file alone. By its text; good enough to open an editor there. */
import { readText } from './places.ts';

/**
 * `processes.web.exc` as `processes.web.exc =`, or as its last names within `processes = { web = { … } }`. null: it is not
 * found. Line and column count from 1.
 */
export function placeOfOption(file: string, option: string): { line: number; column: number } | null {
  const text = readText(file);
  if (text === null) return null;
  const code = withoutComments(text);
  const names = option
    .replace(/\s+/g, '')
    .split('.')
    .map((name) => name.replaceAll('"', ''));
  for (let from = 0; from < names.length; from += 1) {
    const rest = names.slice(from).map((name) => `"?${escaped(name)}"?`);
    const found = new RegExp(`(?<![\\w-])${rest.join('\\s*\\.\\s*')}(?![\\w-])(?=\\s*[.=])`).exec(code);
    if (found) return placeAt(code, found.index);
  }
  return null;
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');

function placeAt(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Comments become spaces, so that places stay; a `#` within a text is taken for one, which costs a place at worst. */
export const withoutComments = (text: string): string =>
  text.replace(/\/\*[^]*?\*\/|(?<=^|\s)#[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
