/** Checks that upkeep.yaml only names services that exist: an unknown name would silently have no effect. */
import type { ConfigProblem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import type { Settings } from './read-settings.ts';

/** One problem for each name under `services:` that is not `known`, at its place, with the names there are. */
export function checkServiceNames(settings: Settings, known: readonly string[]): readonly ConfigProblem[] {
  return Object.keys(settings.config.services)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      const all = known.length === 0 ? 'the configuration declares none' : `there are: ${known.join(', ')}`;
      return {
        file: settings.file ?? 'upkeep.yaml',
        ...settings.servicePlaces.get(name),
        message: `there is no service \`${name}\``,
        hint: near === null ? all : `did you mean \`${near}\`? ${all}`,
      };
    });
}
