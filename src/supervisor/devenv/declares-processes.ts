/** Whether a devenv.nix declares processes, by its text: which backend a project has must not take an evaluation. */
import { join } from 'node:path';
import { importedFiles } from '../devenv-evaluation/imported-files.ts';
import { builtScript, readText } from '../devenv-evaluation/places.ts';

/** Services of devenv are processes too. What it imports from the tree is read as well; what comes from elsewhere is not. */
export function declaresProcesses(root: string): boolean {
  for (const { code } of importedFiles(root))
    if (/(?<![\w.-])(?:processes|services)(?![\w-])(?=\s*[.=]|\s+inherit)/.test(code)) return true;
  // Cut off in the middle of a save: what was built before still tells.
  return (readText(join(root, 'devenv.nix')) ?? '').trim() === '' && builtScript(root) !== null;
}
