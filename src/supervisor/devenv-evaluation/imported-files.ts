/** The modules of a project by the text of its files: what they import from the tree, before anything was evaluated. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withoutComments } from './option-place.ts';
import { readText } from './places.ts';

const filesAtMost = 50;

export interface Module {
  /** Absolute; perhaps missing. */
  readonly path: string;
  /** Without comments; empty where it cannot be read. */
  readonly code: string;
}

/** devenv.nix first; each once, and only when it is asked for. What comes from elsewhere is not followed. */
export function* importedFiles(root: string): Generator<Module> {
  const toRead = ['devenv.nix', 'devenv.local.nix'].map((name) => join(root, name));
  toRead.push(...importsOfYaml(root));
  const seen = new Set<string>();
  for (let path = toRead.shift(); path !== undefined && seen.size < filesAtMost; path = toRead.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const code = withoutComments(readText(path) ?? '');
    yield { path, code };
    toRead.push(...importsOf(code, path));
  }
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
