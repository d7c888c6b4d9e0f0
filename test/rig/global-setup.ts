/** Once a test run: builds the CLI into a place of its own, and makes sure that there is a process-compose. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { processComposeBinary } from './binary.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built `upkeep.cjs`, or why there is none: that is no matter to the tests that do not run it. */
    cli: { readonly path: string } | { readonly broken: string };
    /** A directory with nothing but `process-compose` in it, for PATH. */
    binaries: string;
  }
}

const repository = join(import.meta.dirname, '../..');

/** Not into dist/: somebody may be building there, or using it, meanwhile. */
export default async function setup(project: TestProject): Promise<() => void> {
  const directory = mkdtempSync('/tmp/uk-cli-');
  const build = [join(repository, 'scripts/build.mjs'), join(directory, 'dist')];
  const built = await promisify(execFile)(process.execPath, build).then(
    () => ({ path: join(directory, 'dist/upkeep.cjs') }),
    (error: unknown) => ({ broken: String(error).split('\n', 6).join('\n') }),
  );
  // The bundle looks upward for the Go module that pins process-compose.
  symlinkSync(join(repository, 'tools'), join(directory, 'tools'));
  symlinkSync(await processComposeBinary(), join(directory, 'process-compose'));
  project.provide('cli', built);
  project.provide('binaries', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
