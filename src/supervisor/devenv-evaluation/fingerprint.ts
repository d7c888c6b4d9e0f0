/** What two evaluations must have in common to mean the same, and what is known before there is one. */
import type { Definition } from '../port.ts';
import { digest } from '../process-compose/definition/inputs.ts';
import { dotenvDigest, namedInputs, sharedInputs } from './inputs.ts';

/**
 * A comment or another layout evaluates to the same store paths. Each process is in the environment as well as in the script,
 * but some releases only in one of them.
 */
export const fingerprintOf = (root: string, shell: string, script: string): string =>
  digest([shell, script, dotenvDigest(root)].join('\0'));

/** Before anything was evaluated: which files to watch, and that nothing is known of the services. */
export function unknownDefinition(root: string): Definition {
  const inputs = namedInputs(root);
  return {
    services: [],
    inputs,
    fingerprint: '',
    orderedShutdown: false,
    outdated: true,
    sharedInputs: sharedInputs(root, inputs),
    programs: [],
    carried: {},
  };
}
