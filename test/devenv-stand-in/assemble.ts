/** The files that devenv writes before it evaluates anything; rewritten only where their content changes. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Project } from './project.ts';
import type { Settings } from './settings.ts';

export function assemble(project: Project, { cli, modules }: Settings): void {
  const { root, dotfile, yaml } = project;
  mkdirSync(project.gc, { recursive: true });
  const write = (path: string, text: string): void => {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const lock = { nodes: { devenv: { locked: { rev: modules.version } } }, root: 'root', version: 7 };
  if (!existsSync(join(root, 'devenv.lock')))
    write(join(root, 'devenv.lock'), `${JSON.stringify(lock, null, 2)}\n`);
  if (cli.flakeFiles) {
    write(join(root, '.devenv.flake.nix'), `# written by devenv ${cli.version}\n{ outputs = _: { }; }\n`);
    write(join(dotfile, 'flake.json'), '{}');
    write(join(dotfile, 'devenv.json'), JSON.stringify({ imports: yaml.imports }));
    write(join(dotfile, 'imports.txt'), yaml.imports.join('\n'));
    if (cli.evalCache) write(join(dotfile, 'load-exports'), '');
  } else {
    write(join(dotfile, 'bootstrap/default.nix'), '{ }: { }\n');
    write(join(dotfile, 'bootstrap/bootstrapLib.nix'), '{ }: { }\n');
  }
  if (cli.evalCache && !existsSync(join(dotfile, 'tasks.db'))) write(join(dotfile, 'tasks.db'), '');
}

/** Inputs of every evaluation, missing ones included. The cache of 1.x never looks at devenv.local.yaml. */
export const coreInputs = ({ root, dotfile }: Project, { cli }: Settings): readonly string[] => [
  ...(cli.flakeFiles
    ? [join(root, '.devenv.flake.nix'), join(dotfile, 'flake.json')]
    : [join(dotfile, 'bootstrap/bootstrapLib.nix'), join(dotfile, 'bootstrap/default.nix')]),
  ...['devenv.local.nix', 'devenv.lock', 'devenv.nix', 'devenv.yaml'].map((name) => join(root, name)),
  ...(cli.flakeFiles ? [] : [join(root, 'devenv.local.yaml')]),
];
