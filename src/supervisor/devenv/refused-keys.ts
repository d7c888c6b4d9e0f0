/** What process-compose refuses in the generated YAML, named by the file that a person edits. */
import { join } from 'node:path';
import type { ConfigProblem, Failure } from '../../core/failure.ts';
import { placeOfOption } from '../devenv-evaluation/option-place.ts';

/** Problems of the YAML become problems of devenv.nix, with the line where the key stands, if it stands there. */
export function refusedKeys(root: string, failure: Failure): Failure {
  if (failure.reason !== 'stack-config-bad') return failure;
  const file = join(root, 'devenv.nix');
  const problems = failure.problems.map(({ message, hint }): ConfigProblem => {
    const names = [...message.matchAll(/['`"]([\w.-]+)['`"]/g)].map((match) => match[1] ?? '');
    const place = names.map((name) => placeOfOption(file, name)).find((found) => found !== null);
    const said = `process-compose refuses it: ${message}`;
    return { file, ...place, message: said, ...(hint === undefined ? {} : { hint }) };
  });
  return { ...failure, problems };
}
