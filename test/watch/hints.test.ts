/** The torture cases of file watching on every engine: each change must bring a hint, whatever came before. */
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitActivity, HintOptions, HintSource } from '../../src/watch/hints.ts';
import { watchHints } from '../../src/watch/hints.ts';
import type { Sandbox } from './sandbox.ts';
import { sandbox, until } from './sandbox.ts';

let box: Sandbox;
let source: HintSource | null;
let hinted: Set<string>;
let leftOut: Map<string, string>;
let git: GitActivity[];
let degraded: string[];
let calls: number;
let newest: number;

beforeEach(() => {
  box = sandbox();
  source = null;
  hinted = new Set();
  leftOut = new Map();
  git = [];
  degraded = [];
  calls = 0;
  newest = -Infinity;
});
afterEach(async () => {
  await source?.[Symbol.asyncDispose]();
  box[Symbol.dispose]();
});

async function open(more: Partial<HintOptions> = {}): Promise<HintSource> {
  source = await watchHints({
    root: box.root,
    workTree: box.root,
    gitDir: box.at('.git'),
    stateDir: box.at('.git/upkeep/key'),
    inputs: [],
    trees: true,
    ignore: [],
    engine: 'auto',
    pollMs: 100,
    onHint: ({ paths, newestMtimeMs }) => {
      calls += 1;
      newest = Math.max(newest, newestMtimeMs);
      for (const path of paths) hinted.add(path);
    },
    onGit: (activity) => git.push(activity),
    onDegraded: (message) => degraded.push(message),
    onLeftOut: (path, pattern) => leftOut.set(path, pattern),
    ...more,
  });
  return source;
}

/** `act` brings a hint for `path`, though it was hinted before. */
async function hints(path: string, act: () => void): Promise<void> {
  hinted.delete(path);
  act();
  await until(() => hinted.has(path), `a hint for ${path}`);
}

const renameOver = (path: string, text: string): void => {
  box.write(`${path}.tmp.1`, text);
  renameSync(box.at(`${path}.tmp.1`), box.at(path));
};
/** As vim does with `backupcopy=no`: the file moves away, a new one is written, the old one goes. */
const vimSave = (path: string, text: string): void => {
  renameSync(box.at(path), box.at(`${path}~`));
  box.write(path, text);
  unlinkSync(box.at(`${path}~`));
};

describe.each(['native', 'chokidar'] as const)('trees, %s', (engine) => {
  it('hints writes, renames over, vim saves, deletes and what comes back, 20 times each', async () => {
    box.write('src/a.ts', '0');
    await open({ engine });
    for (let i = 0; i < 20; i += 1) {
      await hints('src/a.ts', () => box.write('src/a.ts', `w${i}`));
      await hints('src/a.ts', () => renameOver('src/a.ts', `r${i}`));
      await hints('src/a.ts', () => vimSave('src/a.ts', `v${i}`));
      await hints('src/a.ts', () => {
        unlinkSync(box.at('src/a.ts'));
        box.write('src/a.ts', `d${i}`);
      });
    }
    expect([...hinted].filter((path) => path.endsWith('~'))).toEqual([]);
  });

  it('keeps watching a directory that is removed and made again at once, 20 times', async () => {
    box.write('src/lib/a.ts', '0');
    await open({ engine });
    for (let i = 0; i < 20; i += 1) {
      hinted.clear();
      rmSync(box.at('src/lib'), { recursive: true });
      mkdirSync(box.at('src/lib'), { recursive: true });
      await until(() => hinted.size > 0, 'a hint for the new directory');
      await hints('src/lib/later.ts', () => box.write('src/lib/later.ts', `${i}`));
      await hints('src/lib/later.ts', () => box.write('src/lib/later.ts', `again ${i}`));
    }
  });

  it('sees what is written at once into directories just made, and later, 20 times', async () => {
    await open({ engine });
    for (let i = 0; i < 20; i += 1) {
      await hints(`t${i}/a/b/c/d/f`, () => box.write(`t${i}/a/b/c/d/f`));
      await hints(`t${i}/a/b/c/d/f`, () => box.write(`t${i}/a/b/c/d/f`, 'later'));
    }
  });

  it('sees a tree that is moved in, out, and renamed', async () => {
    box.write('../outside/deep/f');
    await open({ engine });
    hinted.clear();
    renameSync(join(box.base, 'outside'), box.at('in'));
    await until(() => hinted.size > 0, 'the moved tree');
    await hints('in/deep/f', () => box.write('in/deep/f', '1'));
    renameSync(box.at('in'), box.at('other'));
    await until(() => hinted.has('other'), 'the renamed tree');
    await hints('other/deep/f', () => box.write('other/deep/f', '2'));
    await hints('other', () => renameSync(box.at('other'), join(box.base, 'outside')));
  });

  it('never follows links: loops and what lies behind them', async () => {
    box.write('src/a');
    for (const dir of ['src/x', 'src/y', 'src/z']) {
      mkdirSync(box.at(dir));
      symlinkSync('..', box.at(`${dir}/up`));
    }
    symlinkSync('/usr', box.at('usr'));
    symlinkSync('nowhere', box.at('dangling'));
    await open({ engine });
    await hints('src/x/f', () => box.write('src/x/f'));
    await hints('usr', () => {
      unlinkSync(box.at('usr'));
      symlinkSync('/etc', box.at('usr'));
    });
  });

  it('hints each of 5,000 files written in one go', async () => {
    mkdirSync(box.at('bulk'));
    await open({ engine });
    for (let i = 0; i < 5_000; i += 1) writeFileSync(box.at(`bulk/f${i}`), '');
    await until(() => hinted.has('bulk/f4999'), 'the last of them');
    const missing = Array.from({ length: 5_000 }, (_, i) => `bulk/f${i}`).filter((path) => !hinted.has(path));
    expect(missing).toEqual([]);
  });

  it('names what is left out apart from the hints, and hints nothing that git ignores or that is ours', async () => {
    box.write('.gitignore', 'dist/\n*.log\n');
    for (const path of ['dist/old.js', 'docs/a', 'dev.log', 'node_modules/m/i.js', '.devenv/x', '.direnv/x'])
      box.write(path);
    await open({ engine, ignore: ['*.md', 'docs/'] });
    for (const path of [
      'dist/out.js',
      'dev.log',
      'node_modules/m/i.js',
      '.devenv/x',
      '.direnv/x',
      'README.md',
      'docs/a',
    ]) {
      box.write(path, 'changed');
    }
    for (const path of ['.git/upkeep/key/log', '.a.swp', 'a~', '4913']) box.write(path);
    await hints('last', () => box.write('last'));
    await until(() => leftOut.size === 2, 'two left out');
    expect([...hinted]).toEqual(['last']);
    expect(Object.fromEntries(leftOut)).toEqual({ 'README.md': '*.md', 'docs/a': 'docs/' });
  });
});

describe('the native tree', () => {
  it('learns what git ignores, and forgets it with the rule', async () => {
    box.write('.gitignore', 'build/\n*.log\n');
    await open();
    await hints('new.log', () => box.write('new.log'));
    await hints('build', () => box.write('build/out/x'));
    const settled = async (path: string): Promise<boolean> => {
      hinted.clear();
      box.write(path, `${performance.now()}`);
      await hints('sign', () => box.write('sign', `${performance.now()}`));
      return !hinted.has(path);
    };
    const bound = performance.now() + 30_000;
    while (!((await settled('new.log')) && (await settled('build/out/x'))))
      expect(performance.now()).toBeLessThan(bound);
    box.write('.gitignore', '');
    while ((await settled('new.log')) || (await settled('build/out/x')))
      expect(performance.now()).toBeLessThan(bound + 30_000);
  });

  it('hints a .env that git ignores', async () => {
    box.write('.gitignore', '.env*\n');
    box.write('api/.env', '1');
    await open();
    await hints('api/.env', () => box.write('api/.env', '2'));
  });

  it('reports when a file of the past was put there, not how old it is', async () => {
    const before = Date.now() - 1000;
    await open();
    await hints('old', () => {
      box.write('old');
      utimesSync(box.at('old'), 1, 1);
    });
    expect(newest).toBeGreaterThan(before);
  });

  it('watches a root that vanished and came back', async () => {
    box.write('src/a');
    await open({ gitDir: null });
    renameSync(box.root, join(box.base, 'away'));
    await until(() => hinted.has(box.root), 'the loss of the root');
    box.write('src/a', 'new');
    await until(() => hinted.has('src/a') || hinted.has('src'), 'the new root');
    await hints('src/b', () => box.write('src/b'));
  });

  it('watches pathspecs outside the root', async () => {
    box.write('../lib/a');
    await open({ sources: ['.', '../lib'] });
    const path = join(box.base, 'lib/a');
    await hints(path, () => writeFileSync(path, 'new'));
  });

  it('sees names that are no utf8, with a later write in such a directory', async () => {
    await open();
    const dir = Buffer.concat([Buffer.from(`${box.root}/`), Buffer.from('d\xff', 'latin1')]);
    mkdirSync(dir);
    await until(() => hinted.has('d\udcff'), 'the directory');
    await hints('d\udcff/f', () => writeFileSync(Buffer.concat([dir, Buffer.from('/f')]), ''));
  });

  it('finds by a cookie that all came through, and that a queue overflowed', async () => {
    const { readFileSync } = await import('node:fs');
    const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    for (const dir of ['a', 'b']) mkdirSync(box.at(dir));
    const watching = await open();
    expect(await watching.verify()).toBe(true);
    // Nothing reads the queue while we write; the same event twice in a row counts once, so two take turns.
    for (let i = 0; i < limit; i += 1) writeFileSync(box.at(`${i % 2 ? 'a' : 'b'}/f${i % 3}`), '');
    expect(await watching.verify()).toBe(false);
    expect(await watching.verify()).toBe(true);
    await hints('a/after', () => box.write('a/after'));
  });

  it('watches the trees only while it is told to', async () => {
    const watching = await open({ trees: false, inputs: [box.at('sign')] });
    box.write('a');
    await hints('sign', () => box.write('sign'));
    expect(hinted.has('a')).toBe(false);
    await watching.setTrees(true);
    await hints('a', () => box.write('a', '2'));
    await watching.setTrees(false);
    hinted.clear();
    box.write('a', '3');
    await hints('sign', () => box.write('sign', '2'));
    expect([...hinted]).toEqual(['sign']);
  });
});

describe.each(['native', 'poll'] as const)('named inputs, %s', (engine) => {
  const repeats = engine === 'poll' ? 3 : 20;

  it('hints each way an editor saves', async () => {
    box.write('devenv.nix', '0');
    await open({ engine, trees: false, inputs: [box.at('devenv.nix')] });
    for (let i = 0; i < repeats; i += 1) {
      await hints('devenv.nix', () => box.write('devenv.nix', `write ${i}`));
      await hints('devenv.nix', () => renameOver('devenv.nix', `rename ${i}`));
      await hints('devenv.nix', () => vimSave('devenv.nix', `vim ${i}`));
    }
    expect([...hinted]).toEqual(['devenv.nix']);
  });

  it('sees one that was deleted come back, and later writes to it', async () => {
    box.write('devenv.nix', '0');
    await open({ engine, trees: false, inputs: [box.at('devenv.nix')] });
    await hints('devenv.nix', () => unlinkSync(box.at('devenv.nix')));
    await hints('devenv.nix', () => box.write('devenv.nix', 'back'));
    await hints('devenv.nix', () => box.write('devenv.nix', 'later'));
  });

  it('sees missing ones appear, also in a directory that is missing too, and nothing else', async () => {
    const inputs = [box.at('devenv.local.nix'), box.at('nix/deep/more.nix'), join(box.base, 'shared/x.nix')];
    box.write('other/big/file');
    await open({ engine, trees: false, inputs });
    await hints('devenv.local.nix', () => box.write('devenv.local.nix'));
    await hints('nix/deep/more.nix', () => box.write('nix/deep/more.nix'));
    await hints('nix/deep/more.nix', () => box.write('nix/deep/more.nix', 'later'));
    const outside = join(box.base, 'shared/x.nix');
    await hints(outside, () => box.write('../shared/x.nix'));
    await hints('nix/deep/more.nix', () => rmSync(box.at('nix'), { recursive: true }));
    await hints('nix/deep/more.nix', () => box.write('nix/deep/more.nix', 'back'));
    box.write('unrelated');
    box.write('other/big/file', 'x');
    await hints('devenv.local.nix', () => box.write('devenv.local.nix', 'last'));
    expect(hinted).toEqual(new Set(['devenv.local.nix', 'nix/deep/more.nix', outside]));
  });

  it('sees what a link points to change', async () => {
    box.write('../real.nix', '0');
    symlinkSync('../real.nix', box.at('devenv.nix'));
    await open({ engine, trees: false, inputs: [box.at('devenv.nix')] });
    await hints(join(box.base, 'real.nix'), () => box.write('../real.nix', '1'));
  });

  it('sees names come and go in a directory that is an input', async () => {
    mkdirSync(box.at('modules'));
    await open({ engine, trees: false, inputs: [box.at('modules')] });
    await hints('modules/a.nix', () => box.write('modules/a.nix'));
  });

  it('watches other inputs when it is told to', async () => {
    const watching = await open({ engine, trees: false, inputs: [box.at('a')] });
    await watching.setInputs([box.at('b')]);
    await hints('b', () => box.write('b'));
    await watching.setInputs([box.at('a'), box.at('b')]);
    await hints('a', () => box.write('a'));
  });
});

describe('polling', () => {
  it('looks every so often where the trees cannot be watched', async () => {
    const watching = await open({ engine: 'poll' });
    expect(watching.engine).toBe('poll');
    await until(() => calls >= 3, 'three looks');
    expect(hinted.size).toBe(0);
    expect(await watching.verify()).toBe(true);
  });
});

describe('git', () => {
  it('says busy from the moment index.lock is there until it goes', async () => {
    await open();
    box.write('.git/index.lock');
    await until(() => git.length === 1, 'busy');
    unlinkSync(box.at('.git/index.lock'));
    await until(() => git.length === 2, 'released');
    expect(git).toMatchObject([{ busy: true, because: 'index.lock', lock: true }, { busy: false }]);
  });

  it('knows of a rebase that was under way before it came', async () => {
    mkdirSync(box.at('.git/rebase-merge'));
    await open();
    await until(() => git.length === 1, 'busy');
    expect(git).toMatchObject([{ busy: true, because: 'rebase-merge', lock: false }]);
  });

  it('says busy and released around a real checkout', async () => {
    for (let i = 0; i < 300; i += 1) box.write(`f${i}`, 'one');
    box.git('add', '.');
    box.git('commit', '-qm', 'one');
    box.git('checkout', '-qb', 'other');
    for (let i = 0; i < 300; i += 1) box.write(`f${i}`, 'two');
    box.git('commit', '-qam', 'two');
    // It writes its last file when it has been seen at work.
    box.write('.git/info/attributes', 'f299 filter=patient\n');
    const smudge = `until [ -e ${box.base}/go ]; do sleep 0.01; done; cat`;
    await open();
    const { execFile } = await import('node:child_process');
    const { PATH } = process.env;
    const args = ['-c', `filter.patient.smudge=${smudge}`, 'checkout', '-q', 'main'];
    const checkout = execFile('git', args, { cwd: box.root, env: { PATH, HOME: box.base } });
    const ended = once(checkout, 'close');
    await until(() => git.length > 0, 'busy');
    expect(git[0]).toMatchObject({ busy: true, because: 'index.lock' });
    box.write('../go');
    await until(() => git.at(-1)?.busy === false, 'released');
    await until(() => hinted.has('f299'), 'the last file');
    // After index.lock it still writes HEAD: not into a directory that is being removed.
    await ended;
  });
});
