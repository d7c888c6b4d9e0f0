/** The look where git is not installed: walks and hashes. It reads no .gitignore, so it sees more than git would. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { IgnoreMatch } from '../../core/ignore.ts';
import { compileIgnore, ephemeral } from '../../core/ignore.ts';
import { bytesOfText, fsPath, textOfBytes } from '../path-text.ts';
import { peek } from '../peek.ts';
import { hashInProcess } from './classify.ts';
import { literalPart } from './ignore-rules.ts';

/** What is never source code, and what usually only a .gitignore tells. */
const pruned = compileIgnore(['.git', 'node_modules/', '.venv/', '.env/', '__pycache__/', ...ephemeral]);

/** path relative to the root → hash, for the literal part of each pathspec. Links are not followed. */
export async function walkTree(
  root: string,
  sources: readonly string[],
  leftOut: IgnoreMatch,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  const queue = sources.map((source) => literalPart(source).replace(/^\.?\/*$|^\.\/+|\/+$/g, ''));
  for (let dir = queue.pop(); dir !== undefined; dir = queue.pop()) {
    signal?.throwIfAborted();
    if (entries.size % 500 === 0) await breathe();
    const file = dir === '' ? null : peek(fsPath(resolve(root, dir)));
    if (file && !file.isDirectory()) entries.set(dir, hashInProcess(fsPath(resolve(root, dir))) ?? 'closed');
    for (const entry of list(root, dir)) {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
      const candidate = entry.directory ? `${path}/` : path;
      if (pruned(candidate) !== null || leftOut(candidate) !== null) continue;
      if (entry.directory) queue.push(path);
      else if (entry.hashed) entries.set(path, hashInProcess(fsPath(resolve(root, path))) ?? 'closed');
    }
  }
  return entries;
}

function list(root: string, dir: string): { name: string; directory: boolean; hashed: boolean }[] {
  try {
    return readdirSync(bytesOfText(join(root, dir)), { withFileTypes: true, encoding: 'buffer' }).map(
      (entry) => ({
        name: textOfBytes(entry.name),
        directory: entry.isDirectory(),
        hashed: entry.isFile() || entry.isSymbolicLink(),
      }),
    );
  } catch {
    return [];
  }
}
