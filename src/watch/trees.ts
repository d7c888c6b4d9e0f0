/** Watches the source trees of a project with one engine, and decides which changes in them are worth a look. */
import { resolve } from 'node:path';
import { compileIgnore, ephemeral } from '../core/ignore.ts';
import { watchTreeWithChokidar } from './chokidar-tree.ts';
import { literalPart } from './content-id/ignore-rules.ts';
import { nameOf } from './content-id/inputs.ts';
import { gitIgnored } from './git-ignored.ts';
import { peek } from './peek.ts';
import { pruneOf } from './prune.ts';
import { settle } from './settle.ts';
import type { TreeChange, TreeWatch } from './tree.ts';
import { watchTree } from './tree.ts';

export interface TreesOptions {
  readonly root: string;
  readonly gitDir: string | null;
  readonly stateDir: string;
  readonly ignore: readonly string[];
  /** git pathspecs; those that point out of the root are trees of their own. */
  readonly sources: readonly string[];
  readonly engine: 'native' | 'chokidar';
  /** Relative to the root, absolute for what lies outside. */
  readonly onChange: (path: string, changedMs: number) => void;
  readonly onLeftOut: (path: string, pattern: string) => void;
  readonly onTrouble: (code: string) => void;
  /** Events were lost, or directories count that did not before: everything has to be watched from scratch. */
  readonly onStale: () => void;
}

/** Resolves when everything is watched. */
export async function subscribeTrees(options: TreesOptions): Promise<AsyncDisposable> {
  const { root, ignore } = options;
  const isEphemeral = compileIgnore(ephemeral);
  const leftOut = compileIgnore(ignore);
  const roots = [root, ...outside(root, options.sources)];
  const open: (TreeWatch | AsyncDisposable)[] = [];
  let rules: ReturnType<typeof settle> | null = null;

  const git = gitIgnored(root, options.gitDir !== null, (path) => {
    for (const tree of open) if ('drop' in tree) tree.drop(path);
  });
  rules = settle(200, () => {
    void git.refresh().then((freed) => {
      if (freed) options.onStale();
    });
  });
  await git.refresh();

  const notice = (base: string, change: TreeChange): void => {
    const name = nameOf(root, resolve(base, change.path));
    const candidate = change.directory ? `${name}/` : name;
    if (isEphemeral(candidate) !== null || /(?:^|\/)\.git(?:\/|$)/.test(candidate)) return;
    if (/(?:^|\/)\.gitignore$/.test(name)) rules?.hint(change.changedMs);
    const pattern = leftOut(candidate);
    if (pattern !== null) options.onLeftOut(name, pattern);
    else if (!git.has(name)) {
      options.onChange(name, change.changedMs);
      if (base === root) git.learn([name]);
    }
  };

  for (const base of roots) {
    const prune = pruneOf({
      root: base,
      stateDir: options.stateDir,
      ignore: base === root ? ignore : [],
      isGitIgnored: (dir) => base === root && git.has(dir),
    });
    const common = {
      root: base,
      prune,
      onChange: (change: TreeChange) => notice(base, change),
      onTrouble: options.onTrouble,
    };
    open.push(
      options.engine === 'native'
        ? watchTree({ ...common, onOverflow: options.onStale })
        : await watchTreeWithChokidar(common),
    );
  }
  for (const tree of open) if ('ready' in tree) await tree.ready;
  return {
    async [Symbol.asyncDispose]() {
      rules[Symbol.dispose]();
      git[Symbol.dispose]();
      for (const tree of open) {
        if (Symbol.dispose in tree) tree[Symbol.dispose]();
        else await tree[Symbol.asyncDispose]();
      }
    },
  };
}

/** `../lib`, `/srv/shared`: the directories that the pathspecs name outside the root. */
function outside(root: string, sources: readonly string[]): string[] {
  const dirs = sources.map((source) => resolve(root, literalPart(source)));
  return [...new Set(dirs)].filter(
    (dir) => dir !== root && nameOf(root, dir) === dir && peek(dir)?.isDirectory(),
  );
}
