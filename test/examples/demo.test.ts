import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { execute } from '../../scripts/demo/stage.ts';

const main = join(import.meta.dirname, '../../scripts/demo/main.ts');

test('the demo with devenv says what it needs where nix-instantiate is missing, and fails', async () => {
  const PATH = mkdtempSync('/tmp/uk-');
  try {
    const ran = await execute([process.execPath, main, '--devenv'], { cwd: '/', env: { PATH } });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/no nix-instantiate on PATH[^]*apt-get install nix-bin[^]*npm run demo/);
  } finally {
    rmSync(PATH, { recursive: true });
  }
});

test('the demo refuses what it does not play', async () => {
  const ran = await execute([process.execPath, main, '--native'], { cwd: '/', env: process.env });
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain('--native');
});
