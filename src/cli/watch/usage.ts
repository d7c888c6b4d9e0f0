/** Decides for which hinted paths nothing is restarted, and says why. */
import { literalPart } from '../../watch/content-id/ignore-rules.ts';
import { nameOf } from '../../watch/content-id/inputs.ts';
import type { Config } from '../../core/config.ts';
import type { Model } from '../stack/model.ts';

/** null: worth a look. Only what certainly lies outside every pathspec is left out: the look itself asks git. */
export function unusedBecause(model: Model, config: Config, path: string): string | null {
  if (path === '' || path.startsWith('/') || isInput(model, path)) return null;
  const users = [...model.roles].filter(([name]) =>
    (config.services[name]?.sources ?? config.sources).some((source) => mayHold(source, path)),
  );
  const names = (role: string): readonly string[] =>
    users.filter(([, finding]) => finding.role === role).map(([name]) => name);
  if (names('code').length > 0) return null;
  const self = names('self');
  if (self.length === 0) return 'no service runs on it';
  return self.length === 1
    ? `only ${self[0]} uses it, which reloads itself`
    : `only ${self.slice(0, -1).join(', ')} and ${self.at(-1)} use it, which reload themselves`;
}

function isInput(model: Model, path: string): boolean {
  const inputs = model.scope.inputs.map((input) => nameOf(model.scope.root, input));
  return inputs.some((input) => overlap(input, path));
}

/** A directory above the pathspec counts too: it may have been replaced together with its contents. */
function mayHold(source: string, path: string): boolean {
  // Magic that excludes or matches anywhere is left to git.
  if (source.startsWith(':')) return true;
  const place = literalPart(source)
    .replace(/^(?:\.\/+)+/, '')
    .replace(/^\.$/, '')
    .replace(/\/+$/, '');
  return place === '' || place.startsWith('..') || overlap(place, path);
}

/** The same, or one within the other. */
const overlap = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
