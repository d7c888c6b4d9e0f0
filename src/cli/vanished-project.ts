/** Finds a project whose directory is gone: what it started may live on, and must still be stoppable. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Project } from '../core/project.ts';
import { findRepository } from '../git/repository.ts';
import { projectKey, socketDirectory, stateDirectory } from './find-project.ts';

/** null: upkeep never started anything in `start` or in a missing directory above it. `start` is absolute. */
export function vanishedProject(start: string): Project | null {
  const there = existing(start);
  for (let root = start; root !== there; root = dirname(root)) {
    const key = projectKey(root);
    const socketDir = socketDirectory(key);
    if (!existsSync(socketDir)) continue;
    // Its state is gone too, unless it was part of a repository that still exists.
    const above = findRepository(there)?.gitDir ?? null;
    const gitDir = above !== null && existsSync(stateDirectory(root, above)) ? above : null;
    const stateDir = stateDirectory(root, gitDir);
    return {
      root,
      key,
      backend: 'process-compose',
      gitDir,
      workTree: root,
      stateDir,
      socketDir,
      configFiles: [],
    };
  }
  return null;
}

function existing(path: string): string {
  let at = path;
  while (!existsSync(at)) at = dirname(at);
  return at;
}
