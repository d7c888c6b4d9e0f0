import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writtenFiles } from '../rig/written-files.ts';

const plain = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

/** As another process would have it: nothing is known yet. */
async function anew(path?: string) {
  vi.resetModules();
  const hash = await import('../../src/io/hash.ts');
  if (path !== undefined) hash.recallDigests(path);
  return hash;
}

function kept() {
  const tree = writtenFiles({ 'state/empty': '' });
  const path = tree.path('state/digests');
  /** To be told from what was really hashed. */
  const forge = (from: string, to: string): void =>
    writeFileSync(path, readFileSync(path, 'latin1').replaceAll(from, to), 'latin1');
  return { tree, path, forge };
}

const forged = 'f'.repeat(64);

describe('sha256', () => {
  it('is the digest of node:crypto, remembered or not', async () => {
    const { tree, path } = kept();
    using _ = tree;
    const texts = ['', 'web', 'ä🙂\u0000\ud800', 'x'.repeat(70_000)];
    const all = [...texts, Buffer.from([0xff, 0x00, 0xc3]), Buffer.alloc(70_000, 0xe9)];
    for (let run = 0; run < 3; run += 1) {
      const { sha256, sha256OfSecret, keepDigests } = await anew(path);
      expect(all.map(sha256)).toEqual(all.map(plain));
      expect(all.map(sha256OfSecret)).toEqual(all.map(plain));
      keepDigests();
    }
  });

  it('is taken from an earlier run for the very same bytes alone', async () => {
    const { tree, path, forge } = kept();
    using _ = tree;
    const bytes = Buffer.from([0xff, 0x41]);
    const first = await anew(path);
    first.sha256(bytes);
    first.keepDigests();
    forge(plain(bytes), forged);
    const { sha256, sha256OfSecret } = await anew(path);
    expect(sha256(bytes)).toBe(forged);
    expect(sha256OfSecret(bytes)).toBe(forged);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), (other) => {
        fc.pre(!bytes.equals(other));
        return sha256(Buffer.from(other)) === plain(Buffer.from(other));
      }),
    );
    // In UTF-8 both would read as the same replacement character.
    expect(sha256(Buffer.from([0xfe, 0x41]))).toBe(plain(Buffer.from([0xfe, 0x41])));
  });

  it('of a secret is not written down', async () => {
    const { tree, path } = kept();
    using _ = tree;
    const { sha256, sha256OfSecret, keepDigests } = await anew(path);
    sha256OfSecret('TOKEN=hunter2');
    keepDigests();
    expect(existsSync(path)).toBe(false);
    sha256('web: {}');
    keepDigests();
    expect(readFileSync(path, 'latin1')).toContain('web: {}');
    expect(readFileSync(path, 'latin1')).not.toContain('hunter2');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (text: string) => string]>([
    ['empty', () => ''],
    ['cut off', (text) => text.slice(0, -20)],
    ['of zeros', (text) => '\0'.repeat(text.length)],
    ['of another schema', (text) => text.replace('"schema":1', '"schema":2')],
    ['no digests', () => '{"schema":1,"digests":7}'],
    ['with a digest that is none', (text) => text.replace(/[0-9a-f]{64}/, 'ffff')],
  ])('does not believe a file that is %s', async (_what, spoil) => {
    const { tree, path, forge } = kept();
    using _ = tree;
    const first = await anew(path);
    first.sha256('web');
    first.keepDigests();
    forge(plain('web'), forged);
    writeFileSync(path, spoil(readFileSync(path, 'latin1')), 'latin1');
    const { sha256 } = await anew(path);
    expect(sha256('web')).toBe(plain('web'));
  });

  it('writes when something is new, keeps what was known, and grows no further than its limits', async () => {
    const { tree, path } = kept();
    using _ = tree;
    for (let run = 0; run < 5; run += 1) {
      const { sha256, keepDigests } = await anew(path);
      for (let i = 0; i < 40; i += 1) sha256(`${run} ${i} ${'x'.repeat(3_000)}`);
      keepDigests();
    }
    const text = readFileSync(path, 'latin1');
    expect(text).toContain('"4 0 ');
    expect(text).toContain('"3 0 ');
    expect(text.length).toBeLessThan(300_000);
    const before = statSync(path).ino;
    const { sha256, keepDigests } = await anew(path);
    sha256(`4 0 ${'x'.repeat(3_000)}`);
    keepDigests();
    expect(statSync(path).ino).toBe(before);
  });

  it('leaves nothing behind where there is no directory for it', async () => {
    const { tree } = kept();
    using _ = tree;
    const { sha256, keepDigests } = await anew(tree.path('other/digests'));
    sha256('web');
    keepDigests();
    expect(existsSync(tree.path('other'))).toBe(false);
  });
});
