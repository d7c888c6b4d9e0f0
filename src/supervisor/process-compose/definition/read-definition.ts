/** Reads what a plain process-compose project declares from its files, without running anything. */
import type { ConfigProblem } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import { fail, ok } from '../../../core/result.ts';
import { addScripts } from '../../launcher-script.ts';
import type { Definition } from '../../port.ts';
import type { Variables } from './expand.ts';
import { parseDotenv } from './expand.ts';
import { fingerprint } from './fingerprint.ts';
import { allInputs, digest, readDotenvFiles } from './inputs.ts';
import type { KeptProject } from './kept-project.ts';
import { keepProject, readKeptProject } from './kept-project.ts';
import { loadFiles } from './load-files.ts';
import { mergeFiles } from './project.ts';
import { asServices } from './services.ts';

export interface ReadOptions {
  /** The directory that the server runs in: what relative directories and `.env` are relative to. */
  readonly root: string;
  /** What `${NAME}` may stand for beside .env; does not enter the fingerprint. */
  readonly env?: Variables;
  /** Where the parsed project is remembered; absent: nowhere. */
  readonly cacheFile?: string;
}

/**
 * `files`: absolute, the primary one first, then its override. Fails with `stack-config-bad` when they cannot be read
 * or parsed; what only process-compose can judge is validateFiles' job.
 */
export async function readDefinition(
  files: readonly string[],
  options: ReadOptions,
): Promise<Result<Definition>> {
  if (files.length === 0)
    return bad([{ file: options.root, message: 'there is no process-compose file here' }]);
  const parsed = await parse(files, options.cacheFile);
  if (!parsed.ok) return parsed;
  return ok(definitionOf(parsed.value, files, options));
}

/** What the files last meant where they do not parse now; null: that is not remembered. */
export function lastDefinition(files: readonly string[], options: ReadOptions): Definition | null {
  if (options.cacheFile === undefined) return null;
  const kept = readKeptProject(options.cacheFile, files, { asItWas: true });
  return kept && definitionOf(kept, files, options);
}

function definitionOf(
  { project, read }: KeptProject,
  files: readonly string[],
  { root, env = {} }: ReadOptions,
): Definition {
  const dotenv = readDotenvFiles(project, root);
  const fromDotenv = parseDotenv(dotenv[0]?.text ?? '');
  const services = asServices(project, root, { ...env, ...fromDotenv });
  return {
    services: addScripts(services, root),
    inputs: allInputs(
      files,
      read.map(([path]) => path),
      dotenv,
    ),
    fingerprint: fingerprint(project, dotenv, root),
    orderedShutdown: project.settings['ordered_shutdown'] === true,
    outdated: false,
    sharedInputs: [],
    programs: [],
    carried: {},
  };
}

async function parse(files: readonly string[], cacheFile: string | undefined): Promise<Result<KeptProject>> {
  const kept = cacheFile === undefined ? null : readKeptProject(cacheFile, files);
  if (kept) return ok(kept);
  const loaded = await loadFiles(files);
  if (loaded.problems.length > 0) return bad(loaded.problems);
  // The digest of the text that was parsed: the file may have changed since.
  const read = loaded.files.map(({ path, text }) => [path, digest(text)] as const);
  const parsed = { project: mergeFiles(loaded.files), read };
  if (cacheFile !== undefined) keepProject(cacheFile, files, parsed);
  return ok(parsed);
}

const bad = (problems: readonly ConfigProblem[]) =>
  fail({ reason: 'stack-config-bad', problems, untouched: true });
