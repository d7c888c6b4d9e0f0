/** The content id against the traps of git's index and of file times, on real files with real git. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Content } from '../../../src/core/content.ts';
import { diffContent } from '../../../src/core/freshness.ts';
import type { ContentScope } from '../../../src/watch/content-id/scope.ts';
import { readContent } from '../../../src/watch/content-id/read-content.ts';
import type { Sandbox } from '../sandbox.ts';
import { gitIn, sandbox } from '../sandbox.ts';

let box: Sandbox;
let scope: ContentScope;
beforeEach(() => {
  box = sandbox();
  scope = scopeOf(box.root, box.at('.git'));
});
afterEach(() => box[Symbol.dispose]());

const scopeOf = (root: string, gitDir: string | null, more: Partial<ContentScope> = {}): ContentScope => ({
  root,
  workTree: root,
  gitDir,
  stateDir: join(gitDir ?? join(root, '..'), 'upkeep'),
  sources: ['.'],
  ignore: [],
  inputs: [],
  ...more,
});

async function read(of: ContentScope = scope): Promise<Content> {
  const content = await readContent(of);
  if (!content.ok) throw new Error(JSON.stringify(content.failure));
  return content.value;
}

/** What the next look says changed. */
async function changes(act: () => void, of: ContentScope = scope): Promise<string[]> {
  const before = await read(of);
  act();
  const after = await read(of);
  const found = diffContent(before, after).map((change) => `${change.kind} ${change.path}`);
  expect(found.length > 0).toBe(before.id !== after.id);
  return found;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('what it must see', () => {
  it('sees an edit of the same size within the second, again and again', async () => {
    box.write('a', 'aaaa');
    for (const text of ['bbbb', 'cccc', 'dddd', 'eeee', 'ffff']) {
      expect(await changes(() => writeFileSync(box.at('a'), text))).toEqual(['changed a']);
    }
  });

  it('sees an edit of the same size whose old mtime is put back within the second', async () => {
    const past = new Date('2001-01-01T00:00:00Z');
    box.write('a', '0');
    utimesSync(box.at('a'), past, past);
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      const edit = (): void => {
        writeFileSync(box.at('a'), text);
        utimesSync(box.at('a'), past, past);
      };
      expect(await changes(edit)).toEqual(['changed a']);
    }
  });

  it('sees a file of the past moved over the present one', async () => {
    box.write('a', 'new');
    box.write('../old', 'old');
    utimesSync(join(box.base, 'old'), 1, 1);
    expect(await changes(() => renameSync(join(box.base, 'old'), box.at('a')))).toEqual(['changed a']);
  });

  it('sees a file become a directory and back', async () => {
    box.write('x');
    const toDirectory = (): void => {
      rmSync(box.at('x'));
      box.write('x/y');
    };
    const toFile = (): void => {
      rmSync(box.at('x'), { recursive: true });
      box.write('x');
    };
    expect(await changes(toDirectory)).toEqual(['removed x', 'added x/y']);
    expect(await changes(toFile)).toEqual(['added x', 'removed x/y']);
  });

  it('sees a file become an empty directory', async () => {
    box.write('x');
    const act = (): void => {
      rmSync(box.at('x'));
      mkdirSync(box.at('x'));
    };
    expect(await changes(act)).toEqual(['removed x']);
  });

  it('sees a link change its target, and a link take the place of a file with that text', async () => {
    symlinkSync('one', box.at('link'));
    const retarget = (to: string) => (): void => {
      rmSync(box.at('link'));
      symlinkSync(to, box.at('link'));
    };
    expect(await changes(retarget('two'))).toEqual(['changed link']);
    const asFile = (): void => {
      rmSync(box.at('link'));
      writeFileSync(box.at('link'), 'two');
    };
    expect(await changes(asFile)).toEqual(['changed link']);
  });

  it('sees a file go, and come back', async () => {
    box.write('a');
    expect(await changes(() => rmSync(box.at('a')))).toEqual(['removed a']);
    expect(await changes(() => box.write('a'))).toEqual(['added a']);
  });

  it('sees names with a newline, a space, quotes, a colon in front and bytes that are no utf8', async () => {
    for (const name of ['new\nline', 'sp ace', 'quo"te', ':(top)', '-x', 'grüße']) {
      expect(await changes(() => box.write(name))).toEqual([`added ${name}`]);
      expect(await changes(() => box.write(name, 'other'))).toEqual([`changed ${name}`]);
      expect(await changes(() => rmSync(box.at(name)))).toEqual([`removed ${name}`]);
    }
    const raw = Buffer.concat([Buffer.from(`${box.root}/`), bytes('l\xe9g\xff')]);
    expect(await changes(() => writeFileSync(raw, '1'))).toHaveLength(1);
    expect(await changes(() => writeFileSync(raw, '2'))).toEqual(['changed l\udce9g\udcff']);
    expect(await changes(() => rmSync(raw))).toHaveLength(1);
  });

  it('sees a change that assume-unchanged and skip-worktree hide from git', async () => {
    box.write('a', '1');
    box.write('b', '1');
    box.git('add', '.');
    box.git('update-index', '--assume-unchanged', 'a');
    box.git('update-index', '--skip-worktree', 'b');
    const act = (): void => {
      box.write('a', '2');
      box.write('b', '2');
    };
    expect(await changes(act)).toEqual(['changed a', 'changed b']);
  });

  it('sees what a .env says although git ignores it, also in a subdirectory', async () => {
    box.write('.gitignore', '.env*\nnode_modules/\n');
    box.write('node_modules/m/.env', '1');
    box.write('api/.env.local', '1');
    expect(await changes(() => box.write('.env', '1'))).toEqual(['added .env']);
    expect(await changes(() => box.write('api/.env.local', '2'))).toEqual(['changed api/.env.local']);
    expect(await changes(() => box.write('node_modules/m/.env', '2'))).toEqual([]);
  });

  it('sees a tracked file that the rules ignore, also when it goes and comes back', async () => {
    box.write('.gitignore', 'gen/\n');
    box.write('gen/api.ts', '1');
    box.write('gen/other.ts', '1');
    box.git('add', '-f', 'gen/api.ts');
    expect(await changes(() => box.write('gen/api.ts', '2'))).toEqual(['changed gen/api.ts']);
    expect(await changes(() => rmSync(box.at('gen/api.ts')))).toEqual(['removed gen/api.ts']);
    expect(await changes(() => box.write('gen/api.ts', '3'))).toEqual(['added gen/api.ts']);
    expect(await changes(() => box.git('add', '-f', 'gen/other.ts'))).toEqual(['added gen/other.ts']);
    expect(await changes(() => box.git('rm', '-q', '--cached', 'gen/other.ts'))).toEqual([
      'removed gen/other.ts',
    ]);
  });

  it('drops what a new rule ignores, and takes it back with the rule', async () => {
    box.write('build.log');
    box.write('a');
    const named = await changes(() => box.write('.gitignore', '*.log\n'));
    expect(named).toEqual(['added .gitignore', 'removed build.log']);
    expect(await changes(() => box.write('build.log', 'more'))).toEqual([]);
    expect(await changes(() => rmSync(box.at('.gitignore')))).toEqual([
      'removed .gitignore',
      'added build.log',
    ]);
    expect(await changes(() => box.write('.git/info/exclude', '*.log\n'))).toEqual(['removed build.log']);
  });

  it('sees the content of nested repositories, with and without commits', async () => {
    box.write('a');
    box.write('sub/x', '1');
    gitIn(box.at('sub'), box.base, 'init', '-q');
    expect(await changes(() => box.write('sub/x', '2'))).toEqual(['changed sub/x']);
    gitIn(box.at('sub'), box.base, 'add', '.');
    gitIn(box.at('sub'), box.base, 'commit', '-qm', 'x');
    expect(await changes(() => box.write('sub/x', '3'))).toEqual(['changed sub/x']);
    const inside = { ...scope, sources: ['sub/deep'] };
    expect(await changes(() => box.write('sub/deep/y'), inside)).toEqual(['added sub/deep/y']);
    expect(await changes(() => box.write('sub/x', '4'), inside)).toEqual([]);
  });

  it('sees the content of a submodule', async () => {
    const other = sandbox();
    other.write('x', '1');
    other.git('add', '.');
    other.git('commit', '-qm', 'x');
    box.git('submodule', '--quiet', 'add', other.root, 'mod');
    expect(await changes(() => box.write('mod/x', '2'))).toEqual(['changed mod/x']);
    other[Symbol.dispose]();
  });

  it('gives the same id for the same content after any way there', async () => {
    box.write('a', '1');
    const first = await read();
    box.write('a', '2');
    box.write('b');
    expect((await read()).id).not.toBe(first.id);
    box.write('a', '1');
    rmSync(box.at('b'));
    expect((await read()).id).toBe(first.id);
    rmSync(join(scope.stateDir, 'index'), { recursive: true });
    expect((await read()).id).toBe(first.id);
  });
});

describe('what it must not see', () => {
  it.each<[string, () => void]>([
    ['chmod', () => chmodSync(box.at('a'), 0o755)],
    ['touch', () => utimesSync(box.at('a'), new Date(), new Date())],
    ['a rewrite of equal bytes', () => box.write('a', 'same')],
    [
      'a rename-over with equal bytes',
      () => {
        box.write('tmp~', 'same');
        renameSync(box.at('tmp~'), box.at('a'));
      },
    ],
    ['reading', () => void readdirSync(box.root)],
    [
      'git add and commit',
      () => {
        box.git('add', '.');
        box.git('commit', '-qm', 'x');
      },
    ],
    ['an ignored file', () => box.write('dist/out.js')],
    ['an empty directory', () => mkdirSync(box.at('empty'))],
    [
      'an editor that opened a file',
      () => {
        for (const name of ['.a.swp', 'a~', '.#a', '#a#', '4913', '.DS_Store']) box.write(name);
      },
    ],
    ['a virtual environment called .env', () => box.write('.env/bin/python')],
    ['a named input elsewhere', () => box.write('../elsewhere')],
    ['a fifo', () => void execFileSync('mkfifo', [box.at('fifo')])],
  ])('does not see %s', async (_, act) => {
    box.write('.gitignore', 'dist/\n');
    box.write('a', 'same');
    expect(await changes(act)).toEqual([]);
  });

  it('never runs a filter or hook of the repository, whatever its attributes say', async () => {
    box.write('.gitattributes', '* filter=evil text eol=crlf ident working-tree-encoding=UTF-16\n');
    box.git('config', 'filter.evil.clean', `touch ${box.base}/ran; cat`);
    box.git('config', 'filter.evil.required', 'true');
    box.git('config', 'core.fsmonitor', `touch ${box.base}/ran`);
    box.write('a', 'one\r\n$Id$\n');
    expect(await changes(() => box.write('a', 'one\n$Id$\n'))).toEqual(['changed a']);
    expect(readdirSync(box.base)).toEqual(['p']);
  });

  it('leaves the repository as it was', async () => {
    box.write('a');
    box.git('add', '.');
    const before = new Set(readdirSync(box.at('.git'), { recursive: true, encoding: 'utf8' }));
    await read({ ...scope, stateDir: join(box.base, 'state') });
    expect(new Set(readdirSync(box.at('.git'), { recursive: true, encoding: 'utf8' }))).toEqual(before);
  });

  it('does not depend on the environment of a git hook', async () => {
    box.write('a');
    const plain = await read();
    const saved = { ...process.env };
    Object.assign(process.env, {
      GIT_DIR: '/nowhere',
      GIT_INDEX_FILE: '/nowhere/i',
      GIT_WORK_TREE: '/tmp',
      GIT_LITERAL_PATHSPECS: '1',
    });
    try {
      expect((await read()).id).toBe(plain.id);
    } finally {
      process.env = saved;
    }
  });
});

describe('its scope', () => {
  it('lists the pathspecs less what is ignored less the named inputs, relative to the root', async () => {
    for (const path of ['api/a.ts', 'api/a.test.ts', 'api/docs/x', 'web/b.ts', 'devenv.nix']) box.write(path);
    const of = {
      ...scope,
      sources: ['api', '*.nix'],
      ignore: ['*.test.*', 'docs/'],
      inputs: [box.at('devenv.nix'), box.at('gone')],
    };
    const content = await read(of);
    expect([...content.code.keys()]).toEqual(['api/a.ts']);
    expect([...content.config.keys()]).toEqual(['devenv.nix', 'gone']);
    expect(content.config.get('gone')).toBe('absent');
    expect(await changes(() => box.write('web/b.ts', '2'), of)).toEqual([]);
    expect(await changes(() => box.write('api/docs/x', '2'), of)).toEqual([]);
  });

  it('sees a named input appear, change and go; a directory by its names; one outside by its whole path', async () => {
    const outside = join(box.base, 'shared.nix');
    const of = { ...scope, sources: [], inputs: [box.at('devenv.local.nix'), outside, box.at('conf')] };
    expect(await changes(() => box.write('devenv.local.nix', '1'), of)).toEqual(['added devenv.local.nix']);
    expect(await changes(() => box.write('devenv.local.nix', '2'), of)).toEqual(['changed devenv.local.nix']);
    expect(await changes(() => rmSync(box.at('devenv.local.nix')), of)).toEqual(['removed devenv.local.nix']);
    expect(await changes(() => box.write('../shared.nix'), of)).toEqual([`added ${outside}`]);
    expect(await changes(() => mkdirSync(box.at('conf')), of)).toEqual(['added conf']);
    expect(await changes(() => box.write('conf/x'), of)).toEqual(['changed conf']);
  });

  it('is the same whether an absent input is named or not', async () => {
    box.write('a');
    expect((await read({ ...scope, inputs: [box.at('nope')] })).id).toBe((await read()).id);
  });

  it('works below the top of the work tree, anchored patterns and sources outside the root included', async () => {
    for (const path of ['.gitignore', 'app/src/a', 'app/docs/a', 'app/src/docs/a', 'lib/a', 'top'])
      box.write(path, '*.o\n');
    const of = { ...scope, root: box.at('app'), sources: ['.', '../lib'], ignore: ['/docs/'] };
    expect([...(await read(of)).code.keys()]).toEqual(['../lib/a', 'src/a', 'src/docs/a']);
    expect(await changes(() => box.write('lib/a', '2'), of)).toEqual(['changed ../lib/a']);
    expect(await changes(() => box.write('app/x.o'), of)).toEqual([]);
    expect(await changes(() => box.write('.gitignore', ''), of)).toEqual(['added x.o']);
  });

  it('works in a linked work tree, with the shared info/exclude', async () => {
    box.write('a');
    box.git('add', '.');
    box.git('commit', '-qm', 'x');
    box.git('worktree', 'add', '-q', '../w');
    box.write('.git/info/exclude', '*.log\n');
    const root = join(box.base, 'w');
    const of = scopeOf(root, box.at('.git/worktrees/w'));
    expect(await changes(() => box.write('../w/b'), of)).toEqual(['added b']);
    expect(await changes(() => box.write('../w/b.log'), of)).toEqual([]);
  });

  it('works without a repository, with the state inside the tree', async () => {
    using plain = sandbox({ git: false });
    const of = scopeOf(plain.root, null, { stateDir: plain.at('state') });
    plain.write('.gitignore', '*.o\n');
    expect(await changes(() => plain.write('a'), of)).toEqual(['added a']);
    expect(await changes(() => plain.write('a.o'), of)).toEqual([]);
  });

  it('works without a git program', async () => {
    using plain = sandbox({ git: false });
    const of = scopeOf(plain.root, null, { sources: ['src', 'main.ts'], ignore: ['*.md'] });
    const { PATH } = process.env;
    process.env['PATH'] = plain.base;
    try {
      expect(await changes(() => plain.write('src/deep/a'), of)).toEqual(['added src/deep/a']);
      expect(await changes(() => plain.write('main.ts'), of)).toEqual(['added main.ts']);
      expect(await changes(() => plain.write('src/a.md'), of)).toEqual([]);
      expect(await changes(() => plain.write('other'), of)).toEqual([]);
    } finally {
      process.env['PATH'] = PATH;
    }
  });

  it('looks at no source when no service runs on any', async () => {
    box.write('a');
    const content = await read({ ...scope, sources: [], stateDir: '/proc/nowhere' });
    expect(content.code.size).toBe(0);
  });
});

describe('what can go wrong', () => {
  it('passes on what git says about a repository that it refuses', async () => {
    box.write('a');
    box.write('.git/config', '[core\n');
    expect(await readContent(scope)).toMatchObject({
      ok: false,
      failure: { reason: 'git-failed', message: expect.stringContaining('bad config') },
    });
  });

  it('is not wedged by the lock or the draft of a killed run', async () => {
    box.write('a', '1');
    await read();
    for (const name of ['index.lock', 'index.1.1', 'index.1.1.lock'])
      writeFileSync(join(scope.stateDir, 'index', name), '');
    expect(await changes(() => box.write('a', '2'))).toEqual(['changed a']);
  });

  it('recovers from a torn list and says unknown for a torn index', async () => {
    box.write('a', '1');
    const first = await read();
    const dir = join(scope.stateDir, 'index');
    for (const name of readdirSync(dir))
      if (name.startsWith('listing-')) writeFileSync(join(dir, name), '{"sch');
    expect((await read()).id).toBe(first.id);
    writeFileSync(join(dir, 'index'), 'DIRCgarbage');
    expect((await read()).id).toBe(first.id);
  });

  it('gives one answer to many readers at once while files change', async () => {
    for (let i = 0; i < 50; i += 1) box.write(`d${i % 5}/f${i}`);
    await Promise.all(
      Array.from({ length: 6 }, async (_, i) => {
        box.write(`d0/f0`, `edit ${i}\n`);
        await read();
      }),
    );
    const ids = await Promise.all([read(), read(), read(), read()]);
    expect(new Set(ids.map((content) => content.id)).size).toBe(1);
    rmSync(join(scope.stateDir, 'index'), { recursive: true });
    expect((await read()).id).toBe(ids[0]?.id);
    expect(readdirSync(join(scope.stateDir, 'index')).filter((name) => /\d+\.\d+/.test(name))).toEqual([]);
  });

  it('says that the root vanished, that the state cannot be written, that it was interrupted', async () => {
    box.write('a');
    expect(await readContent({ ...scope, root: box.at('nowhere') })).toMatchObject({
      failure: { reason: 'root-vanished' },
    });
    expect(await readContent({ ...scope, stateDir: box.at('a/x') })).toMatchObject({
      failure: { reason: 'state-unwritable' },
    });
    expect(await readContent(scope, AbortSignal.abort())).toMatchObject({
      failure: { reason: 'interrupted' },
    });
  });
});
