/** Measures the content id on made-up trees: the first look, a warm one, and one after an edit. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/io/run.ts';
import type { ContentScope } from '../../src/watch/content-id/scope.ts';
import { readContent } from '../../src/watch/content-id/read-content.ts';

export interface ContentIdRow {
  readonly files: number;
  readonly firstMs: number;
  readonly warmMs: number;
  readonly editMs: number;
}

const perDirectory = 10;

/** One row a size; the trees lie in /tmp and are removed. Throws when a look fails: then there is nothing to measure. */
export async function benchContentId(
  sizes: readonly number[] = [1_000, 10_000, 100_000],
): Promise<ContentIdRow[]> {
  const rows: ContentIdRow[] = [];
  for (const files of sizes) rows.push(await measure(files));
  return rows;
}

async function measure(files: number): Promise<ContentIdRow> {
  const base = mkdtempSync('/tmp/uk-bench-');
  try {
    const root = join(base, 'tree');
    grow(root, files);
    const { PATH } = process.env;
    await run(['git', 'init', '-q', root], { cwd: base, env: { PATH, HOME: base }, timeoutMs: 10_000 });
    const scope: ContentScope = {
      root,
      workTree: root,
      gitDir: join(root, '.git'),
      stateDir: join(root, '.git', 'upkeep'),
      sources: ['.'],
      ignore: ['*.md', 'docs/', '*.test.*'],
      inputs: [],
    };
    const firstMs = await timed(scope);
    // What was written in the second of a look is read once more by the next: a small tree would never be warm.
    await secondIsOver();
    await timed(scope);
    await secondIsOver();
    const warm = [await timed(scope), await timed(scope), await timed(scope)].toSorted((a, b) => a - b);
    writeFileSync(join(root, 'd0', 'f0.ts'), 'edited\n');
    return { files, firstMs, warmMs: warm[1] ?? 0, editMs: await timed(scope) };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function grow(root: string, files: number): void {
  for (let i = 0; i < files; i += 1) {
    const dir = join(root, `d${Math.floor(i / perDirectory)}`);
    if (i % perDirectory === 0) mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `f${i % perDirectory}.ts`), `export const value = ${i};\n`.repeat(8));
  }
}

/** Until the clock shows another second, which is as fine as git compares times. */
const secondIsOver = (): Promise<void> => sleep(1_000 - (Date.now() % 1_000));

async function timed(scope: ContentScope): Promise<number> {
  const began = performance.now();
  const content = await readContent(scope);
  if (!content.ok) throw new Error(`the look failed: ${JSON.stringify(content.failure)}`);
  return Math.round(performance.now() - began);
}

if (import.meta.main) console.table(await benchContentId());
