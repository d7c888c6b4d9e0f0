import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../../src/io/temporary-directory.ts';
import { writtenFiles } from '../rig/written-files.ts';

afterEach(() => vi.unstubAllEnvs());

test('one directory is made in TMPDIR, and where that is none, in /tmp', () => {
  using files = writtenFiles({ file: '' });
  vi.stubEnv('TMPDIR', files.root);
  const first = temporaryDirectory() ?? '';
  expect(dirname(first)).toBe(files.root);
  expect(readdirSync(files.root)).toHaveLength(2);
  vi.stubEnv('TMPDIR', files.path('file/nowhere'));
  const second = temporaryDirectory() ?? '';
  expect(dirname(second)).toBe('/tmp');
  expect(existsSync(second)).toBe(true);
  rmSync(second, { recursive: true });
});
