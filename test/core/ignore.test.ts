/** gitignore's language, and git itself as the judge of it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultIgnore } from '../../src/core/config.ts';
import { compileIgnore, ephemeral } from '../../src/core/ignore.ts';

describe('compileIgnore', () => {
  it.each<[string, string, boolean]>([
    ['*.md', 'README.md', true],
    ['*.md', 'a/b/c.md', true],
    ['*.md', 'a.mdx', false],
    ['*.md', 'notes.md/inside', true],
    ['docs/', 'docs/a', true],
    ['docs/', 'a/docs/b/c', true],
    ['docs/', 'docs', false],
    ['docs/', 'docs/', true],
    ['docs/', 'mydocs/a', false],
    ['/docs', 'docs/a', true],
    ['/docs', 'a/docs/b', false],
    ['a/b', 'a/b/c', true],
    ['a/b', 'x/a/b', false],
    ['a/*/c', 'a/b/c', true],
    ['a/*/c', 'a/b/b/c', false],
    ['a/**/c', 'a/c', true],
    ['a/**/c', 'a/b/b/c', true],
    ['**/c', 'a/b/c', true],
    ['**/c', 'c', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a', false],
    ['file?.js', 'file1.js', true],
    ['file?.js', 'file/.js', false],
    ['[abc].ts', 'b.ts', true],
    ['[!abc].ts', 'b.ts', false],
    ['[!abc].ts', 'z.ts', true],
    ['[a-c]x', 'bx', true],
    ['[z-a]', '[z-a]', true],
    ['a[', 'a[', true],
    ['\\#x', '#x', true],
    ['# x', '# x', false],
    ['a+b(c).{d}', 'a+b(c).{d}', true],
    ['*~', '日本~', true],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(compileIgnore([pattern])(path)).toBe(matches ? pattern : null);
  });

  it('lets the last match win, and answers with it', () => {
    const match = compileIgnore(['*.ts', '!keep.ts', 'src/']);
    expect(match('a.ts')).toBe('*.ts');
    expect(match('keep.ts')).toBeNull();
    expect(match('src/keep.ts')).toBe('src/');
  });

  it('leaves nothing out without patterns', () => {
    expect(compileIgnore([])('a')).toBeNull();
    expect(compileIgnore(['', '# comment', '!x'])('x')).toBeNull();
  });

  it.each([
    'web/a.test.ts',
    'pkg/a_test.go',
    'tests/x',
    'a/__tests__/b',
    'README.md',
    'docs/x',
    '.github/w.yml',
    'vite.config.ts.timestamp-1.mjs',
  ])('leaves %s out by default', (path) => {
    expect(compileIgnore(defaultIgnore)(path)).not.toBeNull();
  });

  it.each(['src/a.ts', '.env', '.env.local', 'devenv.nix', 'latest/a', 'contest.ts'])(
    'keeps %s by default',
    (path) => {
      expect(compileIgnore([...defaultIgnore, ...ephemeral])(path)).toBeNull();
    },
  );

  it.each([
    '.a.swp',
    'src/.a.ts.swx',
    'a.ts~',
    '4913',
    '.#a',
    '#a#',
    'a.ts___jb_tmp___',
    '.DS_Store',
    '.goutputstream-X',
  ])('knows %s for what an editor leaves', (path) => {
    expect(compileIgnore(ephemeral)(path)).not.toBeNull();
  });

  it('answers for 100,000 paths within a second', () => {
    const match = compileIgnore([...defaultIgnore, ...ephemeral]);
    // Not by the clock: the machine is shared.
    const began = process.cpuUsage();
    let left = 0;
    for (let i = 0; i < 100_000; i += 1)
      if (match(`packages/p${i % 100}/src/module-${i}/component.${i % 9 ? 'ts' : 'test.ts'}`)) left += 1;
    expect(left).toBe(11_112);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});

describe('compileIgnore against git', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync('/tmp/uk-');
    execFileSync('git', ['init', '-q', dir]);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('agrees on random patterns and paths', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', '.', 'ab'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(''));
    const safe = name.filter((text) => !/^\.+$/.test(text));
    const glob = fc
      .array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('').replace(/\*\*+/g, '*'));
    const pattern = fc
      .tuple(
        fc.constantFrom('', '/'),
        fc.array(fc.oneof(safe, glob, fc.constant('**')), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '/'),
      )
      .map(([start, names, end]) => start + names.join('/') + end)
      .filter((text) => !/^\/?\*\*\/?$/.test(text) && !text.includes('**/**'));
    const paths = fc.uniqueArray(
      fc.array(safe, { minLength: 1, maxLength: 4 }).map((names) => names.join('/')),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(pattern, paths, (one, asked) => {
        const args = ['-c', `core.excludesFile=${dir}/rules`, 'check-ignore', '--no-index', '--stdin'];
        execFileSync('sh', ['-c', 'printf "%s\\n" "$1" > "$2"', 'sh', one, `${dir}/rules`]);
        const said = execFileSync('sh', ['-c', 'git "$@" || true', 'sh', ...args], {
          cwd: dir,
          input: asked.join('\n'),
          encoding: 'utf8',
        });
        const match = compileIgnore([one]);
        expect(asked.filter((path) => match(path) !== null)).toEqual(
          said.split('\n').filter((line) => line !== ''),
        );
      }),
      { numRuns: 150 },
    );
  });
});
