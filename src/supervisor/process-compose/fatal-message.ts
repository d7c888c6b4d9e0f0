/** Extracts the useful part of process-compose's last words: `… FTL Failed to load project error="unknown key …"`. */
import { stripVTControlCharacters } from 'node:util';

/** null: there is no such line. Several problems give several lines. */
export function fatalMessage(stderr: string): string | null {
  const line = stripVTControlCharacters(stderr)
    .split('\n')
    .findLast((each) => / FTL /.test(each));
  if (line === undefined) return null;
  const text = line.slice(line.indexOf(' FTL ') + ' FTL '.length).trim();
  const quoted = / ?error=("(?:[^"\\]|\\.)*"|\S+)\s*$/.exec(text);
  if (!quoted?.[1]) return text;
  const error = unquoted(quoted[1]);
  // Most headlines only repeat that it failed; others say what was being done, and are kept.
  const headline = text.slice(0, quoted.index);
  const detail = error.replace(/^yaml: unmarshal errors:\n\s*/, '').replace(/\n\s+/g, '\n');
  if (headline.includes('environment substitution')) return `environment substitution: ${detail}`;
  return /^Failed to (?:load project|parse|read)/.test(headline) ? detail : `${headline}: ${detail}`;
}

/** Go's quoting is JSON's for all that occurs in such a message. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.replace(/^"|"$/g, '');
  }
}
