/** Decides the backend of a project: what upkeep.yaml says, else a devenv.nix that declares processes wins. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Config } from '../core/config.ts';
import type { Project } from '../core/project.ts';
import { declaresProcesses } from '../supervisor/devenv/declares-processes.ts';

export interface Choice {
  readonly project: Project;
  /** One line for people where both were possible; null: there was nothing to choose. */
  readonly note: string | null;
}

/** `project` comes with its process-compose files. Reads a few small files, runs nothing. */
export function chooseBackend(project: Project, wanted: Config['backend']): Choice {
  const { root } = project;
  const asDevenv: Project = { ...project, backend: 'devenv', configFiles: nixFiles(root) };
  const composeFile = project.configFiles[0];
  const chosen = (choice: Project, note: string | null = null): Choice => ({ project: choice, note });
  if (wanted === 'devenv') return chosen(asDevenv);
  if (wanted === 'process-compose') return chosen(project);
  if (composeFile === undefined) return chosen(isDevenvProject(root) ? asDevenv : project);
  if (!existsSync(join(root, 'devenv.nix')) || !declaresProcesses(root)) return chosen(project);
  return chosen(
    asDevenv,
    `devenv.nix declares processes and wins over ${relative(root, composeFile)}; \`backend: process-compose\` in upkeep.yaml chooses the other`,
  );
}

/** Also where devenv.nix disappeared, which is a broken configuration, not another backend; or where a flake declares it. */
const isDevenvProject = (root: string): boolean =>
  ['devenv.nix', 'devenv.yaml', '.devenv/processes', '.devenv/gc/shell', '.devenv/run'].some((name) =>
    existsSync(join(root, name)),
  );

/** Those that exist, the primary one first; that one is named even where it disappeared. */
const nixFiles = (root: string): readonly string[] =>
  ['devenv.nix', 'devenv.local.nix', 'devenv.yaml', 'devenv.local.yaml']
    .map((name) => join(root, name))
    .filter((path, index) => index === 0 || existsSync(path));
