/**
 * Converts paths between bytes and text without loss. Bytes of a file name that are not utf8 become lone surrogates
 * U+DC80…U+DCFF, which no valid name contains, so that the way back is exact.
 */
import { isUtf8 } from 'node:buffer';

const ascii = /^[\0-\x7f]*$/;
const smuggled = /[\udc80-\udcff]/;

/** From git's output read as latin1: one character a byte. */
export function textOfLatin1(latin1: string): string {
  return ascii.test(latin1) ? latin1 : textOfBytes(Buffer.from(latin1, 'latin1'));
}

export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const length = [1, 2, 3, 4].find((n) => i + n <= bytes.length && isUtf8(bytes.subarray(i, i + n)));
    text += length ? bytes.toString('utf8', i, i + length) : String.fromCharCode(0xdc00 + (bytes[i] ?? 0));
    i += length ?? 1;
  }
  return text;
}

/** What to give the file system: the text itself, or the exact bytes where it is not valid utf8. */
export function fsPath(text: string): string | Buffer {
  return hasSmuggled(text) ? bytesOfText(text) : text;
}

export function bytesOfText(text: string): Buffer {
  if (!hasSmuggled(text)) return Buffer.from(text, 'utf8');
  const parts = Array.from(text, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(c, 'utf8');
  });
  return Buffer.concat(parts);
}

/** The low surrogate of a pair is not a smuggled byte. */
const hasSmuggled = (text: string): boolean => smuggled.test(text) && !text.isWellFormed();
