/** Once a test run: builds the CLI into a place of its own, and makes sure that there is a process-compose. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import type { ProcessRow } from '../../src/core/process.ts';
import { isDead } from '../../src/core/process.ts';
import { readEnvironment } from '../../src/processes/evidence.ts';
import { signalProcess } from '../../src/processes/signal.ts';
import { readTable } from '../../src/processes/table.ts';
import { processComposeBinary } from './binary.ts';
import { missingPrograms } from './programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built `upkeep.cjs`, or why there is none: that is no matter to the tests that do not run it. */
    cli: { readonly path: string } | { readonly broken: string };
    /** The stand-in for devenv as one file. */
    devenv: string;
    /** A directory with nothing but `process-compose` in it, for PATH. */
    binaries: string;
    /** Where the projects of this run lie; its name is in the mark of everything that they start. */
    scratch: string;
  }
}

const repository = join(import.meta.dirname, '../..');

/** Not into dist/: somebody may be building there, or using it, meanwhile. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingPrograms();
  if (missing !== null) console.error(`\n${missing}\n`);
  const run = mkdtempSync('/tmp/uk-');
  const built = await promisify(execFile)(process.execPath, [
    join(repository, 'scripts/build.mjs'),
    join(run, 'dist'),
  ]).then(
    () => ({ path: join(run, 'dist/upkeep.cjs') }),
    (error: unknown) => ({ broken: String(error).split('\n', 6).join('\n') }),
  );
  // The bundle looks upward for the Go module that pins process-compose.
  symlinkSync(join(repository, 'tools'), join(run, 'tools'));
  const binaries = join(run, 'bin');
  mkdirSync(binaries);
  symlinkSync(await processComposeBinary(), join(binaries, 'process-compose'));
  project.provide('cli', built);
  project.provide('devenv', await compiledStandIn(run));
  project.provide('binaries', binaries);
  project.provide('scratch', run);
  return async () => {
    await sweep(run);
    rmSync(run, { recursive: true, force: true });
    if (missing !== null) console.error(`\n${missing}`);
  };
}

async function compiledStandIn(run: string): Promise<string> {
  const directory = join(repository, 'test/devenv-stand-in');
  const outfile = join(run, 'devenv.cjs');
  await build({
    entryPoints: [join(directory, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.dirname': JSON.stringify(directory) },
    logLevel: 'warning',
  });
  return outfile;
}

/** A test that was cut off by its timeout could not clean up: what carries the mark of this run is ended here, and named. */
async function sweep(run: string): Promise<void> {
  const left = (): readonly ProcessRow[] =>
    readTable().filter(
      (row) => !isDead(row) && readEnvironment(row.pid)?.['UK_TEST']?.startsWith(`${basename(run)}.`),
    );
  for (const row of left()) console.error(`left after the tests: pid ${row.pid} ${row.command}`);
  for (let round = 0; round < 20 && left().length > 0; round += 1) {
    for (const row of left()) signalProcess(row, 'SIGKILL');
    await sleep(50);
  }
}
