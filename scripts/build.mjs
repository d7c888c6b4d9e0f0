// Builds dist/: the launcher that checks Node's version, the CLI as one file, and beside it one file for each package
// that only some verbs load.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
// Somewhere else for tests: dist/ may be in use, or being built, meanwhile.
const dist = process.argv[2] ?? join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

/** @satisfies {import('esbuild').BuildOptions} */
const options = {
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
  legalComments: 'linked',
  logLevel: 'warning',
};

/** What is imported as `import('name')`; even unused it would cost 5 ms at each start inside the one file. */
const lazy = new Set();
const apart = {
  name: 'packages-apart',
  setup: (bundler) =>
    bundler.onResolve({ filter: /^[a-z@]/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined;
      lazy.add(path);
      return { path: `./${fileName(path)}`, external: true };
    }),
};
const fileName = (name) => `${name.replace(/^@/, '').replaceAll('/', '-')}.cjs`;

await build({
  ...options,
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: join(dist, 'main.cjs'),
  plugins: [apart],
});
for (const name of lazy) {
  const stdin = { contents: `export * from ${JSON.stringify(name)};`, resolveDir: root };
  await build({ ...options, stdin, outfile: join(dist, fileName(name)) });
}
copyFileSync(join(root, 'src/cli/launcher.cjs'), join(dist, 'upkeep.cjs'));
chmodSync(join(dist, 'upkeep.cjs'), 0o755);
