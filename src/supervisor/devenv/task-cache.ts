/**
 * Makes the database of devenv's task runner before the services start. Each service of devenv 2 under process-compose has a
 * runner of its own; where there is no database yet they make it all at once, and whoever comes second fails ("UNIQUE constraint
 * failed", devenv issue 2897). `devenv up` makes it first; upkeep starts the script without `up`.
 */
import { rmSync } from 'node:fs';
import type { Environment } from '../../core/environment.ts';
import { run } from '../../io/run.ts';
import { temporaryDirectory } from '../../io/temporary-directory.ts';

/** Nobody's: the runner opens the database, then looks for the task, and ends. */
const nobody = 'upkeep:nothing';
const timeoutMs = 10_000;

/** What it cannot do, the services do themselves. `yaml`: the generated one. */
export async function makeTaskCache(
  yaml: string,
  how: { readonly root: string; readonly env: Environment; readonly signal?: AbortSignal },
): Promise<void> {
  const words = runnerIn(yaml);
  if (words === null) return;
  // Its own: a runner removes the manager's socket from its runtime directory when it ends.
  const directory = temporaryDirectory();
  if (directory === null) return;
  try {
    await run([...words, '--mode', 'single', '--runtime-dir', directory, nobody], {
      cwd: how.root,
      env: how.env,
      timeoutMs,
      ...(how.signal ? { signal: how.signal } : {}),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The runner with its task file and its cache; null: those before 2.0 name no cache (pure). */
export function runnerIn(yaml: string): readonly [string, ...string[]] | null {
  const found =
    /(\/[^\s"']+\/devenv-tasks)\s+run\s+--task-file\s+([^\s"']+)\s[^\n]*?--cache-dir\s+(?:'([^']+)'|([^\s"']+))/.exec(
      yaml,
    );
  const [, program, taskFile = '', quoted, bare = ''] = found ?? [];
  if (program === undefined) return null;
  return [program, 'run', '--task-file', taskFile, '--cache-dir', quoted ?? bare];
}
