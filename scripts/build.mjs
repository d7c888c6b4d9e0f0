// Builds dist/: the launcher that checks Node's version, and the whole CLI as one file with lazy parts.
import * as childProcess from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
// Somewhere else for tests: dist/ may be in use, or being built, meanwhile.
const dist = process.argv[2] ?? join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node22.22',
  // As an ES module the file would load every `node:` module of every lazy part at once: 30 ms at each start. Here
  // a dynamic import stays lazy together with all that it needs.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  // All of it is read at each start. Names stay, and lines that can be looked at: for the stack of an `unexpected`.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none', // the whole licences are written beside it
  logLevel: 'warning',
};

/** Directories of the packages whose code is in the bundle: their licences ask to go with it. */
const bundled = new Set();

function noteBundled({ inputs }) {
  for (const path of Object.keys(inputs)) {
    const directory = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
    if (directory) bundled.add(join(root, directory));
  }
}

function licenceOf(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file
    ? readFileSync(join(directory, file), 'utf8').trim()
    : `${license}; the package has no licence file.`;
  return `${name} ${version}\n\n${text}\n`;
}

/**
 * A package of ES modules in a closure of its own. esbuild would lay its functions into the scope of the whole file, where V8
 * makes each of them at every start; so they are only text until the package is used.
 */
const closures = {
  name: 'closures',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:execa|chokidar)$/ }, ({ path }) => ({ path, namespace: 'closure' }));
    onLoad({ filter: /.*/, namespace: 'closure' }, async ({ path }) => {
      const entry = { contents: `export * from '${path}';`, resolveDir: root };
      const { outputFiles, metafile } = await build({ ...common, stdin: entry, write: false });
      noteBundled(metafile);
      return { contents: outputFiles[0].text };
    });
  },
};

/** commander loads it at once, and needs it for what upkeep does not do. `status` of a small tree has no use for it either. */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup({ onResolve, onLoad }) {
    const name = 'node:child_process';
    onResolve({ filter: /^node:child_process$/ }, () => ({ path: name, namespace: 'lazy' }));
    // One getter a name: an ES module takes over what it finds, and does not ask a Proxy.
    const getter = (key) => `get ${key}() { return process.getBuiltinModule('${name}').${key}; }`;
    const names = Object.keys(childProcess).filter((key) => key !== 'default');
    const contents = `module.exports = { ${names.map(getter).join(',')} };`;
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({ contents }));
  },
};

/** At its first line it opens process.stdout, to guess what `styleFor` tells it anyhow: here it has no process to ask. */
const askedColors = {
  name: 'asked-colors',
  setup({ onLoad }) {
    onLoad({ filter: /\/picocolors\.js$/ }, ({ path }) => ({
      contents: `(function (process) {${readFileSync(path, 'utf8')}\n})({ argv: [], env: {} });`,
    }));
  },
};

const { metafile } = await build({
  ...common,
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: join(dist, 'main.cjs'),
  plugins: [closures, lazyChildProcess, askedColors],
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    UPKEEP_VERSION: JSON.stringify(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
  },
  // The launcher compiles it as it is read.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
});
// The launcher reads it as latin1, and esbuild leaves regular expressions as they are: `[×✖]` would match neither there.
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const main = join(dist, 'main.cjs');
writeFileSync(main, readFileSync(main, 'utf8').replaceAll(/[^\0-\x7f]/g, escaped));
copyFileSync(join(root, 'src/cli/launcher.cjs'), join(dist, 'upkeep.cjs'));
chmodSync(join(dist, 'upkeep.cjs'), 0o755);
noteBundled(metafile);
writeFileSync(
  join(dist, 'THIRD-PARTY-LICENSES.txt'),
  [...bundled]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`),
);
