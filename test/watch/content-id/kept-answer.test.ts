/** git's kept answer against every change that could hide from it: believed is only what git would say again. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitPatterns } from '../../../src/watch/content-id/ignore-rules.ts';
import { keepAnswer, keptAnswer } from '../../../src/watch/content-id/kept-answer.ts';
import type { Repository } from '../../../src/watch/content-id/scope.ts';
import type { Sandbox } from '../sandbox.ts';
import { sandbox } from '../sandbox.ts';

let box: Sandbox;
let repository: Repository;
let listing: string;
beforeEach(() => {
  box = sandbox();
  box.write('.gitignore', 'node_modules\nout/\n*.log\nhidden/.gitignore\n');
  for (const path of ['a.ts', 'src/b.ts', 'src/deep/c.ts', 'out/kept.js', 'hidden/d.ts', 'logs/x.log'])
    box.write(path);
  box.write('node_modules/left/index.js');
  box.write('hidden/.gitignore', '*.tmp\n');
  symlinkSync('a.ts', box.at('link'));
  mkdirSync(box.at('empty'));
  box.git('add', '-A');
  box.git('add', '-f', 'out/kept.js');
  repository = repositoryOf(box.root);
  mkdirSync(repository.indexDir, { recursive: true });
  listing = join(repository.indexDir, 'listing-0123456789abcdef');
});
afterEach(() => box[Symbol.dispose]());

const repositoryOf = (root: string, more: Partial<Repository> = {}): Repository => ({
  root,
  workTree: box.root,
  gitDir: box.at('.git'),
  indexDir: box.at('.git/upkeep/index'),
  sources: ['.'],
  patterns: gitPatterns([], ''),
  signal: undefined,
  ...more,
});

const ask = (): string =>
  box.git('ls-files', '-z', '-m', '-o', '-d', '--exclude-standard', '-x', '!.env*', '--', '.');
const indexed = (): string[] => box.git('ls-files', '-z').split('\0').filter(Boolean);

/** As a look does that found the tree at rest; `laterMs`: how long ago the last change is. */
function keep(of: Repository = repository, laterMs = 60_000): string {
  const printed = ask();
  keepAnswer(
    listing,
    { repository: of, index: 'i', files: indexed(), beganMs: Date.now() + laterMs },
    printed,
  );
  clockTicks();
  return printed;
}
const kept = (of: Repository = repository): string | null => keptAnswer(listing, of.root, 'i');

/** What comes now has other times than what was: a look leaves seconds for that. */
function clockTicks(): void {
  const probe = join(box.base, 'probe');
  writeFileSync(probe, '');
  const { ctimeNs } = statSync(probe, { bigint: true });
  for (let i = 0; i < 1_000_000 && statSync(probe, { bigint: true }).ctimeNs === ctimeNs; i += 1)
    writeFileSync(probe, '');
}

const restored = (path: string, change: () => void): void => {
  const { atime, mtime } = lstatSync(box.at(path));
  change();
  utimesSync(box.at(path), atime, mtime);
};

const changes: Readonly<Record<string, () => void>> = {
  'an edit': () => box.write('a.ts', 'other'),
  'an edit of the same size with its mtime restored': () =>
    restored('a.ts', () => box.write('a.ts', 'b.ts\n')),
  'an edit of a tracked file in an ignored directory': () => box.write('out/kept.js', 'other'),
  'an edit to and fro': () => [box.write('a.ts', 'other'), box.write('a.ts')],
  'a rename over a file of the same size and mtime': () => {
    const { atime, mtime } = lstatSync(box.at('a.ts'));
    writeFileSync(join(box.base, 'new'), 'b.ts\n');
    utimesSync(join(box.base, 'new'), atime, mtime);
    renameSync(join(box.base, 'new'), box.at('a.ts'));
  },
  'two files that change places': () => {
    renameSync(box.at('a.ts'), join(box.base, 'a'));
    renameSync(box.at('src/b.ts'), box.at('a.ts'));
    renameSync(join(box.base, 'a'), box.at('src/b.ts'));
  },
  'a new file': () => box.write('src/new.ts'),
  'a new file in an empty directory': () => box.write('empty/new.ts'),
  'a new file in a directory with ignored files alone': () => box.write('logs/new.ts'),
  'a new file with the times of its directory restored': () => restored('src', () => box.write('src/new.ts')),
  'a new directory with a file': () => box.write('src/deep/deeper/new.ts'),
  'a file that is gone': () => rmSync(box.at('src/deep/c.ts')),
  'a directory that is gone': () => rmSync(box.at('src'), { recursive: true }),
  'a directory that is renamed': () => renameSync(box.at('src'), box.at('lib')),
  'a file that becomes a directory': () => [rmSync(box.at('a.ts')), mkdirSync(box.at('a.ts'))],
  'a directory that becomes a link': () => {
    renameSync(box.at('src'), join(box.base, 'src'));
    symlinkSync('../src', box.at('src'));
  },
  'another mode': () => chmodSync(box.at('a.ts'), 0o755),
  'a link to something else': () => [rmSync(box.at('link')), symlinkSync('b.ts', box.at('link'))],
  'new rules': () => box.write('src/.gitignore', 'b.ts\n'),
  'other rules': () => restored('.gitignore', () => box.write('.gitignore', 'x\n')),
  'other rules that are ignored themselves': () => box.write('hidden/.gitignore', '*.tmt\n'),
  'no rules any more': () => rmSync(box.at('hidden/.gitignore')),
  'other rules in info/exclude': () => box.write('.git/info/exclude', 'x.ts\n'),
  'no info/exclude any more': () => rmSync(box.at('.git/info/exclude')),
  'a repository of its own': () => box.git('init', '-q', 'src/deep'),
  'a directory in place of an ignored one': () => {
    rmSync(box.at('node_modules'), { recursive: true });
    box.write('node_modules', 'a file');
  },
};

describe("git's answer", () => {
  it.each(Object.entries(changes))('is asked for again after %s', (_what, change) => {
    const printed = keep();
    expect(kept()).toBe(printed);
    change();
    expect(kept()).toBe(null);
  });

  it.each<[string, () => void]>([
    ['in a directory that is ignored by its name', () => box.write('node_modules/left/new.js')],
    ['in .git', () => box.write('.git/HEAD', 'ref: refs/heads/other\n')],
    ['beside the project', () => writeFileSync(join(box.base, 'beside'), '')],
    ['that only reads', () => void readFileSync(box.at('a.ts'))],
  ])('is kept after something %s', (_what, change) => {
    const printed = keep();
    change();
    expect(kept()).toBe(printed);
  });

  it.each<[string, () => Repository]>([
    ['in a tree that changed a moment ago', () => (keep(repository, 0), repository)],
    ['with a source outside', () => repositoryOf(box.root, { sources: ['.', '../lib'] })],
    ['with a source behind a step up', () => repositoryOf(box.root, { sources: ['src/../../lib'] })],
    ['with a pattern as a source', () => repositoryOf(box.root, { sources: ['src/*.ts'] })],
    ['with magic in a source', () => repositoryOf(box.root, { sources: [':(top)a'] })],
    ['of a directory with a repository in it', () => (box.git('init', '-q', 'src/deep'), repository)],
    ['where the beginnings of one are', () => (mkdirSync(box.at('src/.git')), repository)],
    [
      'with rules behind a link',
      () => {
        renameSync(box.at('hidden/.gitignore'), join(box.base, 'rules'));
        symlinkSync('../../rules', box.at('hidden/.gitignore'));
        return repository;
      },
    ],
    [
      'of many files',
      () => {
        for (let i = 0; i < 450; i += 1) box.write(`many/${i}.ts`);
        box.git('add', '-A');
        return repository;
      },
    ],
    [
      'of many directories',
      () => {
        for (let i = 0; i < 80; i += 1) mkdirSync(box.at(`many/${i}`), { recursive: true });
        return repository;
      },
    ],
  ])('is not kept %s', (what, prepare) => {
    const of = prepare();
    if (!what.includes('a moment ago')) keep(of);
    expect(kept(of)).toBe(null);
  });

  it.each([
    ['a rule that takes one back', () => box.write('.gitignore', 'node_modules\n!node_modules\n')],
    ['one further down', () => box.write('src/.gitignore', '!node_modules\n')],
  ])('is made from ignored directories too where there is %s', (_what, change) => {
    change();
    box.write('src/node_modules/new.js');
    const printed = keep();
    expect(kept()).toBe(printed);
    box.write('src/node_modules/newer.js');
    expect(kept()).toBe(null);
  });

  it('of a project below the top depends on the rules above', () => {
    const of = repositoryOf(box.at('src'));
    const printed = ask();
    const asked = { repository: of, index: 'i', files: ['b.ts', 'deep/c.ts'], beganMs: Date.now() + 60_000 };
    keepAnswer(listing, asked, printed);
    clockTicks();
    expect(kept(of)).toBe(printed);
    box.write('.gitignore', 'c.ts\n');
    expect(kept(of)).toBe(null);
  });

  it.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, -10)],
    ['empty', () => ''],
    ['without stamps', (text) => text.replace(/"stamps":.*$/s, '"stamps":[]}')],
    ['of another schema', (text) => text.replace('"schema":1', '"schema":0')],
  ])('is not believed when it is %s', (_what, spoil) => {
    keep();
    const file = listing.replace('listing-', 'answer-');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    expect(kept()).toBe(null);
  });

  it('belongs to one state of the index', () => {
    keep();
    expect(keptAnswer(listing, box.root, 'another')).toBe(null);
  });

  it('is never believed where git would say something else', () => {
    const names = [
      'a.ts',
      'src/b.ts',
      'src/new.ts',
      'logs/y.log',
      'node_modules/n.js',
      'empty/e',
      '.gitignore',
    ];
    const name = fc.constantFrom(...names);
    const step = fc.oneof(
      fc.record({
        does: fc.constant('write' as const),
        name,
        text: fc.constantFrom('', 'one\n', 'two\n', '*.ts\n'),
      }),
      fc.record({ does: fc.constant('remove' as const), name }),
      fc.record({ does: fc.constant('move' as const), name, to: name }),
      fc.record({ does: fc.constant('keep' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        keep();
        for (const one of steps) {
          if (one.does === 'keep') keep();
          else if (one.does === 'write') box.write(one.name, one.text);
          else if (one.does === 'remove') rmSync(box.at(one.name), { force: true });
          else if (statSync(box.at(one.name), { throwIfNoEntry: false }))
            renameSync(box.at(one.name), box.at(one.to));
          const answer = kept();
          if (answer !== null) expect(answer).toBe(ask());
        }
      }),
      { numRuns: 40 },
    );
  });
});
