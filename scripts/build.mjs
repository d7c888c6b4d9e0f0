// Builds dist/: the launcher that checks Node's version, and the whole CLI as one file with lazy modules.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
// Somewhere else for tests: dist/ may be in use, or being built, meanwhile.
const dist = process.argv[2] ?? join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: join(dist, 'main.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node22.22',
  format: 'esm',
  // Dynamic imports stay lazy inside the one file; CommonJS dependencies find a `require`.
  banner: {
    js: "import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
  },
  define: {
    UPKEEP_VERSION: JSON.stringify(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
  },
  legalComments: 'linked',
  logLevel: 'warning',
});
copyFileSync(join(root, 'src/cli/launcher.cjs'), join(dist, 'upkeep.cjs'));
chmodSync(join(dist, 'upkeep.cjs'), 0o755);
