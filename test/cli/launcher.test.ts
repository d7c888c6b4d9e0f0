import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { writtenFiles } from '../rig/written-files.ts';

const cli = inject('cli');

function launcher() {
  const tree = writtenFiles();
  const file = tree.path('upkeep/code/other');
  const run = (env: Record<string, string> = { XDG_CACHE_HOME: tree.root }): string => {
    if (!('path' in cli)) throw new Error(cli.broken);
    return execFileSync(process.execPath, [cli.path, '--version'], { env, encoding: 'utf8' });
  };
  /** Compiled code is kept from the second run on. */
  const warm = (): string => run() + run();
  return { tree, file, run, warm };
}

it('reads a file of ASCII alone, regular expressions included: it takes a byte for a character', () => {
  if (!('path' in cli)) throw new Error(cli.broken);
  const strangers = readFileSync(join(dirname(cli.path), 'main.cjs')).filter((byte) => byte > 0x7f);
  expect(strangers.length).toBe(0);
});

describe('the code that the launcher keeps', () => {
  it('is written by the second run of a verb and lies in a private place', () => {
    const { tree, file, run } = launcher();
    using _ = tree;
    const said = run();
    expect(statSync(file).size).toBeLessThan(1_000);
    expect(run()).toBe(said);
    expect(statSync(file).size).toBeGreaterThan(10_000);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(tree.path('upkeep/code')).mode & 0o777).toBe(0o700);
  });

  it('is used by the third', () => {
    const { tree, file, run, warm } = launcher();
    using _ = tree;
    warm();
    const before = statSync(file).ino;
    expect(run()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(statSync(file).ino).toBe(before);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['of another build', (bytes) => Buffer.concat([Buffer.from('v1.2.3 '), bytes])],
    ['no code at all', (bytes) => Buffer.concat([bytes.subarray(0, bytes.indexOf('\n') + 1), junk])],
  ])('is replaced when it is %s', (_what, spoil) => {
    const { tree, file, run, warm } = launcher();
    using _ = tree;
    const said = warm();
    writeFileSync(file, spoil(readFileSync(file)));
    expect(run() + run()).toBe(said);
    expect(statSync(file).size).toBeGreaterThan(10_000);
  });

  it('is not run when others could have written it', () => {
    const { tree, file, run, warm } = launcher();
    using _ = tree;
    warm();
    chmodSync(file, 0o666);
    run();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is not kept where there is a file in place of the directory, and that changes nothing else', () => {
    const { tree, run } = launcher();
    using _ = tree;
    tree.write({ file: '' });
    expect(run({ XDG_CACHE_HOME: tree.path('file') })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('is not kept without a home, or for a verb that does not exist', () => {
    const { tree, run } = launcher();
    using _ = tree;
    expect(run({})).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(() => {
      if ('path' in cli) {
        const env = { XDG_CACHE_HOME: tree.root };
        execFileSync(process.execPath, [cli.path, 'nonsense'], { env, stdio: 'ignore' });
      }
    }).toThrow();
    expect(existsSync(tree.path('upkeep/code/nonsense'))).toBe(false);
  });
});

it('the bundle is ASCII: the launcher reads it as one byte a character, its regular expressions too', () => {
  if (!('path' in cli)) throw new Error(cli.broken);
  const bundle = readFileSync(join(dirname(cli.path), 'main.cjs'));
  expect(bundle.findIndex((byte) => byte > 0x7f)).toBe(-1);
  expect(bundle.includes(String.raw`[\u00d7\u2716x]`)).toBe(true);
});

const junk = Buffer.from(`${'junk'.repeat(5_000)}\nEND`);
