/** What a plain process-compose project declares, read from its files without running anything. */
import type { Result } from '../../../core/result.ts';
import { fail, ok } from '../../../core/result.ts';
import { addScripts } from '../../launcher-script.ts';
import type { Definition } from '../../port.ts';
import type { Variables } from './expand.ts';
import { parseDotenv } from './expand.ts';
import { fingerprint } from './fingerprint.ts';
import { allInputs, readDotenvFiles } from './inputs.ts';
import { loadFiles } from './load-files.ts';
import { mergeFiles } from './project.ts';
import { asServices } from './services.ts';

export interface ReadOptions {
  /** The directory that the server runs in: what relative directories and `.env` are relative to. */
  readonly root: string;
  /** What `${NAME}` may stand for beside .env; does not enter the fingerprint. */
  readonly env?: Variables;
}

/**
 * `files`: absolute, the primary one first, then its override. Fails with `stack-config-bad` when they cannot be read
 * or parsed; what only process-compose can judge is validateFiles' job.
 */
export async function readDefinition(
  files: readonly string[],
  options: ReadOptions,
): Promise<Result<Definition>> {
  const { root, env = {} } = options;
  const loaded = await loadFiles(files);
  if (files.length === 0) return bad([{ file: root, message: 'there is no process-compose file here' }]);
  if (loaded.problems.length > 0) return bad(loaded.problems);
  const project = mergeFiles(loaded.files);
  const dotenv = await readDotenvFiles(project, root);
  const fromDotenv = parseDotenv(dotenv[0]?.text ?? '');
  const services = asServices(project, root, { ...env, ...fromDotenv });
  return ok({
    services: await addScripts(services, root),
    inputs: allInputs(files, loaded.paths, dotenv),
    fingerprint: fingerprint(project, dotenv, root),
    orderedShutdown: project.settings['ordered_shutdown'] === true,
  });
}

const bad = (problems: Awaited<ReturnType<typeof loadFiles>>['problems']) =>
  fail({ reason: 'stack-config-bad', problems, untouched: true });
