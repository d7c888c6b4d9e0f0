/** The variables of an environment that devenv evaluated: bash text, or the JSON that Nix keeps of one (pure). */
import type { Environment } from '../../core/environment.ts';

/**
 * `NAME='value'`, `NAME="value"`, `NAME=value`, each with or without `export` or `declare -x` before it. Functions, arrays and
 * computed values are left out. The later of two wins, as it does in bash.
 */
export function shellEnvironment(text: string): Environment {
  if (text.trimStart().startsWith('{')) return fromJson(text);
  const found: Record<string, string> = {};
  const assignment =
    /^(?:export |declare (?:-\w+ )*)?([A-Za-z_]\w*)=(?:\$?'((?:[^']|'\\'')*)'|"((?:[^"\\]|\\.)*)"|([^\s"'();|&$`]*))\s*;?$/gms;
  for (const [, name, single, double, bare] of text.matchAll(assignment)) {
    if (name === undefined) continue;
    found[name] = single?.replaceAll(`'\\''`, "'") ?? double?.replace(/\\(["\\$`])/g, '$1') ?? bare ?? '';
  }
  return found;
}

/** `{ "variables": { "NAME": { "type": "exported", "value": "…" } } }`, the file behind `.devenv/gc/shell`. */
function fromJson(text: string): Environment {
  try {
    const { variables } = JSON.parse(text) as { variables?: Readonly<Record<string, { value?: unknown }>> };
    const texts = Object.entries(variables ?? {}).map(([name, { value }]) => [name, value] as const);
    return Object.fromEntries(
      texts.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}
