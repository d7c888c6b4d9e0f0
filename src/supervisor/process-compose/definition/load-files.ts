/** The door to the YAML files of a project: the given ones and those they extend, in the order in which they are merged. */
import { dirname, resolve } from 'node:path';
import type { ConfigProblem } from '../../../core/failure.ts';
import type { PositionedNode } from '../../../core/positioned.ts';
import { entryOf } from '../../../core/positioned.ts';
import { readYaml } from '../../../io/yaml.ts';
import { readRegularText, whyUnreadable } from '../../../io/read-regular.ts';

export interface LoadedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** null: the file is empty, or could not be read. */
  readonly tree: PositionedNode | null;
  /** Another file extends this one: the working directories of its processes are relative to it. */
  readonly extended: boolean;
}

export interface LoadedFiles {
  /** Bases before what extends them. */
  readonly files: readonly LoadedFile[];
  /** Files that cannot be read, syntax errors, cycles of `extends`. */
  readonly problems: readonly ConfigProblem[];
  /** Every path that was looked at, missing ones included. */
  readonly paths: readonly string[];
}

/** `files` are absolute, the primary one first. Never throws. */
export async function loadFiles(files: readonly string[]): Promise<LoadedFiles> {
  const loaded: LoadedFile[] = [];
  const problems: ConfigProblem[] = [];
  const paths: string[] = [];

  async function load(
    path: string,
    extender: { chain: readonly string[]; at: ConfigProblem } | null,
  ): Promise<void> {
    paths.push(path);
    let text: string;
    try {
      text = readRegularText(path);
    } catch (error) {
      const what = whyUnreadable(error, path);
      problems.push(
        extender
          ? { ...extender.at, message: `extends ${path}, which ${what}` }
          : { file: path, message: what },
      );
      return;
    }
    const { tree, problems: syntax } = await readYaml(text);
    for (const problem of syntax) problems.push({ file: path, ...problem });
    const base = entryOf(tree ?? undefined, 'extends')?.value;
    if (base?.kind === 'scalar' && typeof base.value === 'string' && base.value !== '') {
      const basePath = resolve(dirname(path), base.value);
      const chain = [...(extender?.chain ?? []), path];
      const at: ConfigProblem = {
        file: path,
        ...base.place,
        message: `extends ${base.value}, which is loaded already`,
      };
      if (chain.includes(basePath) || files.includes(basePath)) problems.push(at);
      else await load(basePath, { chain, at });
    }
    loaded.push({ path, text, tree, extended: extender !== null });
  }

  for (const path of files) await load(path, null);
  return { files: loaded, problems, paths };
}
