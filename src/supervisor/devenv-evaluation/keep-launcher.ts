/** The shell that was validated, kept for a start that evaluates nothing: `bash launch.bash COMMAND…`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../core/project.ts';
import type { Result } from '../../core/result.ts';
import { onShelf } from '../shelf.ts';
import type { Evaluation } from './evaluate.ts';

/** Its path. What `devenv shell -- COMMAND` would do, less the tasks of `enterShell`. It may hold secrets: 0600. */
export function keepLauncher(project: Project, evaluation: Evaluation): Result<string> {
  return onShelf(project.stateDir, (directory) => {
    const path = join(directory, 'launch.bash');
    writeFileSync(path, `${evaluation.shellText}\nexec "$@"\n`, { mode: 0o600 });
    return path;
  });
}
