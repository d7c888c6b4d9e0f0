/** Which backend a project has: upkeep.yaml says so, else a devenv.nix that declares processes wins. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import type { Project } from '../core/project.ts';
import { declaresProcesses } from '../supervisor/devenv/declares-processes.ts';

export interface Choice {
  readonly project: Project;
  /** One line for people, where two could be meant; null: there was nothing to choose. */
  readonly note: string | null;
}

/** `project` as found, with the process-compose files that are there. Reads a few small files, runs nothing. */
export function chooseBackend(project: Project, wanted: Config['backend']): Choice {
  const nix = nixFiles(project.root);
  const asDevenv: Project = { ...project, backend: 'devenv', configFiles: nix };
  const composeFile = project.configFiles[0];
  if (wanted === 'devenv') return { project: asDevenv, note: null };
  if (wanted === 'process-compose' || !existsSync(join(project.root, 'devenv.nix')))
    return { project, note: null };
  if (composeFile === undefined) return { project: asDevenv, note: null };
  if (!declaresProcesses(project.root)) return { project, note: null };
  const other = composeFile.slice(project.root.length + 1);
  const note = `devenv.nix declares processes and wins over ${other}; \`backend: process-compose\` in upkeep.yaml chooses the other`;
  return { project: asDevenv, note };
}

/** Those that are there, the primary one first; it is named also where it disappeared. */
const nixFiles = (root: string): readonly string[] =>
  ['devenv.nix', 'devenv.local.nix', 'devenv.yaml', 'devenv.local.yaml']
    .map((name) => join(root, name))
    .filter((path, index) => index === 0 || existsSync(path));
