/** File names are bytes; as text they come back as the same bytes, and no two names are one text. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesOfText, fsPath, textOfBytes, textOfLatin1 } from '../../src/watch/path-text.ts';

it('gives every name back byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (name) => {
      const bytes = Buffer.from(name);
      expect(bytesOfText(textOfBytes(bytes)).equals(bytes)).toBe(true);
      expect(textOfLatin1(bytes.toString('latin1'))).toBe(textOfBytes(bytes));
      expect(Buffer.from(fsPath(textOfBytes(bytes))).equals(bytes)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('leaves a name that is utf8 as it is', () => {
  for (const name of ['a', 'grüße', '日本', '😀 x', 'ud\u0800'])
    expect(textOfBytes(Buffer.from(name))).toBe(name);
  expect(textOfBytes(Buffer.from('😀\xff', 'latin1'))).not.toContain('\ufffd');
});
