/** The variables in what `devenv print-dev-env` prints: bash text, of which only plain assignments are read (pure). */
import type { Environment } from '../../core/environment.ts';

/**
 * `NAME='value'`, `NAME="value"`, `NAME=value`, each with or without `export` or `declare -x` before it. Functions, arrays and
 * computed values are left out. The later of two wins, as it does in bash.
 */
export function shellEnvironment(text: string): Environment {
  const found: Record<string, string> = {};
  const assignment =
    /^(?:export |declare (?:-\w+ )*)?([A-Za-z_]\w*)=(?:\$?'((?:[^']|'\\'')*)'|"((?:[^"\\]|\\.)*)"|([^\s"'();|&$`]*))\s*;?$/gms;
  for (const [, name, single, double, bare] of text.matchAll(assignment)) {
    if (name === undefined) continue;
    found[name] =
      single?.replaceAll(`'\\''`, "'") ?? double?.replace(/\\(["\\$`])/g, '$1') ?? bare ?? '';
  }
  return found;
}
