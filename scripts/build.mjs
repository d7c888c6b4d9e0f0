// Builds dist/: the launcher that checks Node's version, and the whole CLI as one file with lazy parts.
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
  outfile: join(dist, 'main.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node22.22',
  // As an ES module the file would load every `node:` module of every lazy part at once: 30 ms at each start. Here
  // a dynamic import stays lazy together with all that it needs.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    UPKEEP_VERSION: JSON.stringify(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
  },
  // All of it is read at each start. Names stay, and lines that can be looked at: for the stack of an `unexpected`.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // The launcher compiles it as it is read.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  legalComments: 'linked',
  logLevel: 'warning',
});
copyFileSync(join(root, 'src/cli/launcher.cjs'), join(dist, 'upkeep.cjs'));
chmodSync(join(dist, 'upkeep.cjs'), 0o755);
