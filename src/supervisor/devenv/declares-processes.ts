/** Whether a devenv.nix declares processes, by its text: which backend a project has must not take an evaluation. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withoutComments } from '../devenv-evaluation/option-place.ts';
import { builtScript, readText } from '../devenv-evaluation/places.ts';

const filesAtMost = 50;

/** Services of devenv are processes too. What it imports from the tree is read as well; what comes from elsewhere is not. */
export function declaresProcesses(root: string): boolean {
  const toRead = ['devenv.nix', 'devenv.local.nix'].map((name) => join(root, name));
  toRead.push(...importsOfYaml(root));
  const seen = new Set<string>();
  for (let path = toRead.shift(); path !== undefined && seen.size < filesAtMost; path = toRead.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = withoutComments(readText(path) ?? '');
    if (/(?<![\w.-])(?:processes|services)(?![\w-])(?=\s*[.=]|\s+inherit)/.test(text)) return true;
    toRead.push(...importsOf(text, path));
  }
  // Cut off in the middle of a save: what was built before still tells.
  return (readText(join(root, 'devenv.nix')) ?? '').trim() === '' && builtScript(root) !== null;
}

const importsOf = (text: string, from: string): readonly string[] =>
  [...text.matchAll(/(?<![\w/])(\.{1,2}\/[\w./-]+)/g)].map((match) =>
    moduleAt(resolve(dirname(from), match[1] ?? '')),
  );

function importsOfYaml(root: string): readonly string[] {
  const text = readText(join(root, 'devenv.yaml')) ?? '';
  return [...text.matchAll(/^\s*-\s+["']?(\.{0,2}\/[\w./-]+)["']?\s*$/gm)].map((match) => {
    const path = match[1] ?? '';
    return moduleAt(path.startsWith('/') ? join(root, path) : resolve(root, path));
  });
}

/** A directory stands for its devenv.nix, or its default.nix. */
function moduleAt(path: string): string {
  if (path.endsWith('.nix')) return path;
  const own = join(path, 'devenv.nix');
  return existsSync(own) ? own : join(path, 'default.nix');
}
